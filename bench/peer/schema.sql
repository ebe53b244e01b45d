-- The peer's own tables for what it receives: ordinary and sound, with the keys and the indexes its lists would need.
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;
SET search_path = peer;
CREATE TABLE delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, connection_id uuid NOT NULL, digest bytea NOT NULL, event_type text NOT NULL,
    body bytea NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), UNIQUE (connection_id, digest));
CREATE TABLE campaign (id uuid PRIMARY KEY, organization_id uuid NOT NULL, connection_id uuid NOT NULL, provider_id text NOT NULL,
    UNIQUE (connection_id, provider_id));
CREATE TABLE contact (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL, email text NOT NULL, first_name text, last_name text,
    company text, interest text, interest_at timestamptz, first_seen_at timestamptz NOT NULL, replied_at timestamptz,
    bounced_at timestamptz, updated_at timestamptz NOT NULL DEFAULT now(), UNIQUE (organization_id, email));
CREATE TABLE message (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL, campaign_id uuid NOT NULL REFERENCES campaign,
    contact_id uuid NOT NULL REFERENCES contact, direction text NOT NULL, step int NOT NULL, variant int NOT NULL, mail text NOT NULL,
    email_account text, email_id text, subject text, body_text text, body_html text, happened_at timestamptz NOT NULL, sent_at timestamptz,
    opened_at timestamptz, clicked_at timestamptz, replied_at timestamptz, bounced_at timestamptz, open_count int NOT NULL DEFAULT 0,
    click_count int NOT NULL DEFAULT 0, updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (campaign_id, contact_id, direction, step, variant, mail));
CREATE INDEX ON message (organization_id, campaign_id, happened_at DESC, id DESC);
CREATE INDEX ON message (organization_id, contact_id, happened_at DESC);
CREATE TABLE event (
    id bigint PRIMARY KEY REFERENCES delivery, organization_id uuid NOT NULL, campaign_id uuid NOT NULL REFERENCES campaign,
    contact_id uuid NOT NULL REFERENCES contact, message_id uuid REFERENCES message, type text NOT NULL, happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON event (organization_id, id);
CREATE INDEX ON event (organization_id, contact_id, happened_at);
CREATE TABLE daily_stats (
    organization_id uuid NOT NULL, campaign_id uuid NOT NULL REFERENCES campaign, email_account text NOT NULL, day date NOT NULL,
    step int NOT NULL, variant int NOT NULL, sent int NOT NULL DEFAULT 0, opens int NOT NULL DEFAULT 0, unique_opens int NOT NULL DEFAULT 0,
    clicks int NOT NULL DEFAULT 0, unique_clicks int NOT NULL DEFAULT 0, replies int NOT NULL DEFAULT 0,
    unique_replies int NOT NULL DEFAULT 0, bounces int NOT NULL DEFAULT 0, interested int NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, campaign_id, email_account, day, step, variant));
