"""Staff action that checks the domain of an email account in DNS, without a call to Instantly."""

from accounts.domain_lookup import ask_dns, check_domain, selectors_of
from accounts.domain_records import State
from accounts.models import EmailAccount
from instantly.actions.works import Outcome
from instantly.models import StaffAction
from salesbrain import rls
from salesbrain.kernel.messages import message


def check_account_domain(action: StaffAction) -> Outcome:
    """Check SPF, DKIM and DMARC of the account's domain; the action's result contains the records found. Call outside of a transaction."""
    with rls.scope(rls.SYSTEM):
        account = EmailAccount.objects.only("address", "mail_provider").get(pk=str(action.target_id))
    domain = account.address.rpartition("@")[2]
    checks = check_domain(domain, selectors_of(account.mail_provider), ask=ask_dns)
    good = sum(check.state == State.GOOD for check in checks)
    said = message("action.domain_checked", domain=domain, good=good, count=len(checks))
    return Outcome(said, {"domain": domain, "checks": [check.as_data() for check in checks]})
