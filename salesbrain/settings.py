"""Django settings from the environment (see .env.example), with defaults that suit `make run`.

Without DATABASE_URL the embedded PostgreSQL is used, over plain HTTP and with demo data; with it, this is production and missing
variables are named in one line.
"""

import logging
import secrets
import sys
from datetime import timedelta
from typing import Any

from salesbrain import embedded_postgres
from salesbrain.kernel import logging as logs
from salesbrain.kernel.env import (
    BASE_DIR,
    LOCAL_DIR,
    at_least,
    both_or_neither,
    count,
    days,
    env,
    fernet_keys,
    one_of,
    port,
    refuse_together,
    required,
    secret,
    share,
    switch,
)
from salesbrain.kernel.env_addresses import (
    database_address,
    host_names,
    mail_server,
    networks,
    origins,
    replica_address,
    web_address,
)
from salesbrain.kernel.retention import LEAST_OF_RECORDS

for address in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_LISTEN_URL"):
    database_address(address)
DATABASE_URLS = both_or_neither("DATABASE_URL", "DATABASE_OWNER_URL")
DATABASE_REPLICA_URL = replica_address("DATABASE_REPLICA_URL", of="DATABASE_URL")  # empty: the primary is read
EMBEDDED_DATABASE = DATABASE_URLS is None
INSTANTLY_API_KEY = env.str("INSTANTLY_API_KEY", default="")
HTTPS = switch("HTTPS", default=not EMBEDDED_DATABASE)
DEMO = switch("DEMO", default=EMBEDDED_DATABASE and not INSTANTLY_API_KEY)
refuse_together("DEMO", DEMO, "DATABASE_URL", not EMBEDDED_DATABASE, "Demo users log in without a password.")
refuse_together("DEMO", DEMO, "INSTANTLY_API_KEY", bool(INSTANTLY_API_KEY), "The demo talks to the emulator.")
DEBUG = switch("DEBUG", default=False)  # pages with tracebacks, and nothing else
refuse_together(
    "DEBUG", DEBUG, "DATABASE_URL", not EMBEDDED_DATABASE, "Error pages would show settings and data to anybody."
)
COLLECTING = "collectstatic" in sys.argv

SECRET_KEY = secret("SECRET_KEY", "It signs sessions.", lambda: secrets.token_urlsafe(50), local=EMBEDDED_DATABASE)
SALESBRAIN_ENCRYPTION_KEYS = fernet_keys(
    "SALESBRAIN_ENCRYPTION_KEYS", "They encrypt provider keys at rest.", local=EMBEDDED_DATABASE
)
ALLOWED_HOSTS = host_names("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if EMBEDDED_DATABASE else [])
if not EMBEDDED_DATABASE and not ALLOWED_HOSTS:
    required("ALLOWED_HOSTS", "It lists the host names this installation answers to.")

# --- applications ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "salesbrain.site.admin.SalesbrainAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_rls",
    "rest_framework",
    "knox",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "csp",
    "corsheaders",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "accounts",
    "campaigns",
    "messaging",
    "instantly",
    "salesbrain",
]
MIDDLEWARE = [
    "salesbrain.web.language.LanguageMiddleware",  # first: it wraps the whole request, the API's too
    "salesbrain.kernel.request_origin.RequestOriginMiddleware",
    "salesbrain.kernel.request_log.RequestLog",
    "salesbrain.web.error_pages.SelfCheckMiddleware",
    "salesbrain.kernel.proxy_refusal.ProxyRefusal",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "corsheaders.middleware.CorsMiddleware",  # above FastPath, which answers the API
    "salesbrain.api.fast_path.FastPathMiddleware",  # what follows is for pages, and for logging in
    "salesbrain.kernel.nul_characters.NulCharacters",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "salesbrain.web.language.UserLanguageMiddleware",
    "salesbrain.rls.middleware.StaffScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as its manual wants
]
ROOT_URLCONF = "salesbrain.urls"
WSGI_APPLICATION = "salesbrain.wsgi.application"
APPEND_SLASH = False  # a redirect would lose a delivery's body
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"web": "salesbrain.web.template_tags", "outreach": "messaging.web.template_tags"},
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "salesbrain.kernel.password_hashing.QueuedPBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_HASHINGS_AT_ONCE = count(
    "PASSWORD_HASHINGS_AT_ONCE", default=1, why="So many threads of a process hash passwords."
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # as accounts.choices.Language
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"  # Django's own default is America/Chicago, exported to every child process
USE_TZ = True
FORMAT_MODULE_PATH = "accounts.formats"

# --- database -------------------------------------------------------------------------------------------------------

DATABASE_PREPARE = switch("DATABASE_PREPARE", default=True)
RLS_ENGINE = "django_rls.backends.postgresql"


def database(url: str, *, options: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    """Return one entry of DATABASES; `options` are added to those in the URL."""
    parsed = env.db_url_config(url) | {"ENGINE": RLS_ENGINE}
    parsed["HOST"] = parsed["HOST"].replace("[", "").replace("]", "")  # IPv6 in a list of hosts keeps its brackets
    parsed["OPTIONS"] = {**parsed.get("OPTIONS", {}), "connect_timeout": 3, **(options or {})}
    return parsed | settings


def embedded_urls() -> tuple[str, str]:
    """Return the URLs of the embedded server; importing the settings starts nothing."""
    server = embedded_postgres.address()
    return server.url("sb_app"), server.url("sb_owner")


APP_URL, OWNER_URL = DATABASE_URLS or embedded_urls()
KEPT = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
PREPARED = {"prepare_threshold": 5 if DATABASE_PREPARE else None}
DATABASES = {
    # What everything runs as: no superuser, no BYPASSRLS, owns nothing.
    "default": database(APP_URL, options=PREPARED, **KEPT, TEST={"MIRROR": "owner"}),
    # The receive path: must answer within 5 s whatever the server does, so its waits are short.
    "inbox": database(
        APP_URL,
        options={**PREPARED, "options": "-c statement_timeout=3s -c lock_timeout=2s"},
        # No health check before each use: a dead connection is found by using it, and asked once more on a fresh one.
        **KEPT | {"CONN_HEALTH_CHECKS": False},
        TEST={"MIRROR": "owner"},
    ),
    # Migrations only. Its tables FORCE row-level security on it too: without the start-up option a data migration would
    # silently touch no row.
    "owner": database(
        OWNER_URL, options={"options": "-c app.user_role=sb_admin"}, TEST={"SERIALIZE": False, "DEPENDENCIES": []}
    ),
}
DATABASE_REPLICA_LAG_SECONDS = at_least(
    "DATABASE_REPLICA_LAG_SECONDS", 1, default=5, why="A replica further behind is not read."
)
if DATABASE_REPLICA_URL:  # customers' reads; whatever goes wrong there is asked of `default` again
    DATABASES["replica"] = database(
        DATABASE_REPLICA_URL,
        options={**PREPARED, "options": "-c default_transaction_read_only=on", "connect_timeout": 2},
        **KEPT | {"CONN_HEALTH_CHECKS": False},
        TEST={"MIRROR": "owner"},
    )
DATABASE_ROUTERS = ["salesbrain.rls.router.OwnerMigrates"]
DATABASE_LISTEN_URL = env.str("DATABASE_LISTEN_URL", default="")  # empty: where `default` connects to
DJANGO_RLS = {"AUTO_ENABLE_RLS": False, "STRICT_MIGRATE_RLS": True, "RESET_CONTEXT_ON_CONNECT": False}

# --- Instantly ------------------------------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # empty: /metrics answers in the demo only
PORT = port("PORT", default=8001)
EMULATOR_PORT = port("EMULATOR_PORT", default=8002)
INSTANTLY_BASE_URL = web_address(
    "INSTANTLY_BASE_URL",
    default="https://api.instantly.ai"
    if INSTANTLY_API_KEY or not EMBEDDED_DATABASE
    else f"http://127.0.0.1:{EMULATOR_PORT}",
)
INSTANTLY_WEBHOOK_URL = web_address(
    "INSTANTLY_WEBHOOK_URL",
    default=f"http://127.0.0.1:{PORT}/webhooks/instantly/webhook",
    path="/webhooks/instantly/webhook",
)
INSTANTLY_PROCESSING = one_of(
    "INSTANTLY_PROCESSING", ("worker", "inline"), default="worker", why="It says which process handles deliveries."
)
JOBS_ABSENT_MINUTES = at_least("JOBS_ABSENT_MINUTES", 1, default=5, why="A jobs process is seen every 20 seconds.")
BUDGET = "All processes together ask a workspace no more."
INSTANTLY_REQUESTS_PER_SECOND = at_least("INSTANTLY_REQUESTS_PER_SECOND", 0.1, default=10, why=BUDGET)
INSTANTLY_EMAIL_LISTS_PER_MINUTE = at_least("INSTANTLY_EMAIL_LISTS_PER_MINUTE", 0.1, default=20, why=BUDGET)

# --- retention ------------------------------------------------------------------------------------------------------

KEPT_DAYS = "Older ones are removed every night."
RETENTION_BODIES_DAYS = days("RETENTION_BODIES_DAYS", default=90, why=KEPT_DAYS)
RETENTION_RUNS_DAYS = days("RETENTION_RUNS_DAYS", default=90, why=KEPT_DAYS)
RETENTION_DRAFTS_DAYS = days("RETENTION_DRAFTS_DAYS", default=90, why=KEPT_DAYS)
RETENTION_REPLIES_DAYS = days("RETENTION_REPLIES_DAYS", default=365, why=KEPT_DAYS)
RETENTION_AUDIT_DAYS = days("RETENTION_AUDIT_DAYS", default=730, least=LEAST_OF_RECORDS, why=KEPT_DAYS)
RETENTION_ACCESS_DAYS = days("RETENTION_ACCESS_DAYS", default=730, least=LEAST_OF_RECORDS, why=KEPT_DAYS)

# --- web ------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED_DATABASE and not COLLECTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = EMBEDDED_DATABASE
LOGIN_URL = "login"
CSRF_FAILURE_VIEW = "salesbrain.web.error_pages.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # DRF applies it to JSON; a long reply is a normal thing

# --- mails to users -------------------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="")  # empty: no mails, links are shown to whoever asked for them
if EMAIL_URL:
    vars().update(mail_server("EMAIL_URL"))
EMAIL_TIMEOUT = 10  # seconds; a job tries again
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
PUBLIC_URL = web_address(
    "PUBLIC_URL", default=f"http://127.0.0.1:{PORT}" if EMBEDDED_DATABASE else "", only_https=HTTPS, path=""
)

# --- the way in -----------------------------------------------------------------------------------------------------

SECOND_FACTOR_REQUIRED = HTTPS  # of staff
OTP_TOTP_ISSUER = "Salesbrain"
OTP_TOTP_THROTTLE_FACTOR = 1
NO_LIMIT = "0 means no limit."
WEBHOOK_REQUESTS_PER_MINUTE = count(
    "WEBHOOK_REQUESTS_PER_MINUTE", default=300_000, least=0, why=NO_LIMIT
)  # of a connection, a process
WEBHOOK_STRANGERS_PER_MINUTE = count(
    "WEBHOOK_STRANGERS_PER_MINUTE", default=60, least=0, why=NO_LIMIT
)  # of an address, without a valid secret
EXPORTS_OF_A_CALLER = count("EXPORTS_OF_A_CALLER", default=2, why="At the same time, in each web process.")
EXPORTS_AT_ONCE = count("EXPORTS_AT_ONCE", default=4, why="At the same time, in each web process.")
WEB_STALLED_SECONDS = at_least("WEB_STALLED_SECONDS", 1, default=30, why="A client may stand still for so long.")
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")  # addresses or networks whose X-Forwarded-* are believed
TRUSTED_PROXY_HEADER = one_of(
    "TRUSTED_PROXY_HEADER",
    ("x-forwarded-for", "forwarded"),
    default="x-forwarded-for",
    why="It is the header in which a trusted proxy names the client.",
)
LOGINS_OF_AN_ADDRESS = count(
    "LOGINS_OF_AN_ADDRESS", default=20, why="In a quarter of an hour, right or wrong, from one network address."
)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or somebody could keep a colleague out for ever
AXES_LOCKOUT_PARAMETERS = [
    ["username", "ip_address"]
]  # by address alone one person locks out an office behind one proxy
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "accounts.login_lockout.attempted_name"
AXES_CLIENT_IP_CALLABLE = "salesbrain.kernel.trusted_proxies.client_address"
AXES_LOCKOUT_CALLABLE = "accounts.login_lockout.locked_out"
AXES_ENABLE_ADMIN = False
AXES_HANDLER = "accounts.login_attempts.LoginAttempts"
AXES_DISABLE_ACCESS_LOG = True  # the audit log has logins
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # a link opened from a mail must arrive with its session
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # a browser takes cookies of these names only from this host, over TLS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^webhooks/", r"^healthz$", r"^readyz$", r"^metrics$"]  # a redirect loses a delivery's body
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
# W005, W021: what other hosts below our domain serve, and a browser's built-in list, are not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- the REST API ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["salesbrain.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["salesbrain.api.renderers.EnvelopeRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "salesbrain.api.renderers.JsonOnly",
    "DEFAULT_PARSER_CLASSES": ["salesbrain.api.parsers.StrictJSON"],
    "DEFAULT_SCHEMA_CLASS": "salesbrain.api.schema.Schema",
    "EXCEPTION_HANDLER": "salesbrain.api.exceptions.handle",
    # A token's, or without one an address's; 0/minute switches a limit off. All tokens of an address together: ten times that, a process.
    "DEFAULT_THROTTLE_RATES": {
        "default": f"{count('API_REQUESTS_PER_MINUTE', default=3000, least=0, why=NO_LIMIT)}/minute",
        "search": f"{count('API_SEARCHES_PER_MINUTE', default=300, least=0, why=NO_LIMIT)}/minute",
        "export": "30/minute",
        "sync": "20/minute",
        "write": "120/minute",
        "login": f"{LOGINS_OF_AN_ADDRESS}/quarter",
        "mail": "5/hour",  # invitations and password resets to one address
        "mail_origin": "60/hour",  # and asked for from one network address
    },
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
CORS_ALLOWED_ORIGINS = origins("API_CORS_ORIGINS")  # such as https://app.customer.example
CORS_URLS_REGEX = r"^/api/instantly/"  # tokens only; logging in and cookies are for our own pages
CORS_ALLOW_METHODS = ["GET", "HEAD", "POST", "PATCH", "DELETE"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "if-none-match", "x-request-id"]
CORS_EXPOSE_HEADERS = ["Content-Disposition", "ETag", "Idempotency-Replayed", "Retry-After", "X-Request-ID"]
CORS_PREFLIGHT_MAX_AGE = 600  # seconds
API_TOKEN_DAYS = count("API_TOKEN_DAYS", default=90, why="A token is valid for so many days.")
API_TOKEN_MAX_DAYS = count("API_TOKEN_MAX_DAYS", default=365, why="No token is valid for longer.")
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_PREFIX": "sb_",
    "TOKEN_TTL": timedelta(days=API_TOKEN_DAYS),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Salesbrain API",
    "DESCRIPTION": "Outreach campaigns, their mailboxes, emails, people, events and figures. Guide: docs/en/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["salesbrain.api.schema.finish"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "tryItOutEnabled": True},
    "REDOC_DIST": "SIDECAR",
}

DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # that a stream begins is no line of its own

# --- logs -----------------------------------------------------------------------------------------------------------

SENTRY_DSN = env.str("SENTRY_DSN", default="")  # empty: nothing is reported
OTEL_EXPORTER_OTLP_ENDPOINT = web_address("OTEL_EXPORTER_OTLP_ENDPOINT", default="")  # empty: no traces
OTEL_TRACES_SAMPLER_ARG = share("OTEL_TRACES_SAMPLER_ARG", default=1.0, why="So many of the traces are recorded.")
LOG_LEVEL = one_of(
    "LOG_LEVEL", ("debug", "info", "warning", "error"), default="info", why="It says how much is logged."
).upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "salesbrain.kernel.logging.formatter", "json": not EMBEDDED_DATABASE}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # They announce every task of the schedule at the start of every command.
        **{f"procrastinate.{name}": {"level": "WARNING"} for name in ("blueprints", "periodic")},
        "axes": {"level": "ERROR"},  # says what salesbrain.security says, with everything masked
    },
}
logs.configure()
