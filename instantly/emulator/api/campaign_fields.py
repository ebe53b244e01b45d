"""Writable fields of an emulated campaign, with their validation rules."""

from instantly.timezones import TIMEZONES

from .validation import Rule, array, flag, integer, number, obj, text, uuid

CLOCK = r"^([01][0-9]|2[0-3]):([0-5][0-9])$"
DELAY_UNITS = ("minutes", "hours", "days")
ESPS = ("all", "google", "outlook", "other")

SCHEDULE = obj(
    {
        "start_date": text(null=True, format="date"),
        "end_date": text(null=True, format="date"),
        "schedules": array(
            obj(
                {
                    "name": text(required=True),
                    "timing": obj(
                        {"from": text(required=True, pattern=CLOCK), "to": text(required=True, pattern=CLOCK)},
                        required=True,
                    ),
                    "days": obj({str(day): flag() for day in range(7)}, required=True),
                    "timezone": text(required=True, choices=TIMEZONES),
                }
            ),
            required=True,
            at_least=1,
        ),
    }
)
SEQUENCES = array(
    obj(
        {
            "steps": array(
                obj(
                    {
                        "type": text(required=True, choices=("email",)),
                        "delay": number(required=True),
                        "delay_unit": text(choices=DELAY_UNITS),
                        "pre_delay": number(),
                        "pre_delay_unit": text(choices=DELAY_UNITS),
                        "variants": array(
                            obj({"subject": text(required=True), "body": text(required=True), "v_disabled": flag()}),
                            required=True,
                        ),
                    }
                ),
                required=True,
            )
        }
    )
)
AUTO_VARIANT = obj({"trigger": text(required=True, choices=("reply_rate", "click_rate", "open_rate"))}, null=True)

SETTABLE: dict[str, Rule] = {
    "name": text(),
    "pl_value": number(null=True),
    "is_evergreen": flag(null=True),
    "campaign_schedule": SCHEDULE,
    "sequences": SEQUENCES,
    "email_gap": number(null=True),
    "random_wait_max": number(null=True),
    "text_only": flag(null=True),
    "first_email_text_only": flag(null=True),
    "email_list": array(text()),
    "daily_limit": number(null=True),
    "stop_on_reply": flag(null=True),
    "email_tag_list": array(uuid()),
    "link_tracking": flag(null=True),
    "open_tracking": flag(),
    "stop_on_auto_reply": flag(null=True),
    "daily_max_leads": integer(null=True, low=0),
    "prioritize_new_leads": flag(null=True),
    "auto_variant_select": AUTO_VARIANT,
    "match_lead_esp": flag(null=True),
    "stop_for_company": flag(null=True),
    "insert_unsubscribe_header": flag(null=True),
    "allow_risky_contacts": flag(null=True),
    "disable_bounce_protect": flag(null=True),
    "limit_emails_per_company_override": obj(
        {
            "mode": text(required=True, choices=("custom", "disabled")),
            "daily_limit": number(low=1),
            "scope": text(choices=("per_campaign", "across_workspace")),
        },
        null=True,
    ),
    "cc_list": array(text(format="email")),
    "bcc_list": array(text(format="email")),
    "owned_by": uuid(null=True),
    "provider_routing_rules": array(
        obj(
            {
                "action": text(choices=("send", "do_not_send")),
                "recipient_esp": array(text(choices=ESPS)),
                "sender_esp": array(text(choices=ESPS)),
            }
        )
    ),
}
