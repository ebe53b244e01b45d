"""Map exceptions of messaging (unknown conversation, invalid reply …) to API error responses."""

from dataclasses import asdict

from messaging.follow_ups.business_calendar import UnknownCountry
from messaging.follow_ups.decisions import InvalidDecision, OldSuggestion, UnknownKind
from messaging.goals import InvalidGoal
from messaging.inbox import refusals
from messaging.intelligence.triage.adjustments import InvalidRules
from messaging.intelligence.triage.conversation_category import InvalidCategory, NothingToSort
from messaging.intelligence.triage.replay import InvalidThreshold, ReplayRuns
from messaging.scores.fit_mapping import InvalidMapping
from salesbrain.api.exceptions import NOT_FOUND, answer_with

for unknown in (refusals.UnknownConversation, refusals.UnknownReply, refusals.UnknownSnippet):
    answer_with(unknown, status=404, code="not_found", detail=NOT_FOUND)
for invalid in (
    refusals.SnoozeInThePast, refusals.InvalidReason, refusals.InvalidLabel, refusals.InvalidNote, refusals.InvalidAssignee,
    refusals.InvalidReply, refusals.InvalidCc, refusals.InvalidSendTime, refusals.InvalidUndo, refusals.InvalidSnippet,
    refusals.UnknownVariable,
):  # fmt: skip
    answer_with(invalid, status=400, code="invalid", detail=None)
for contradiction, code in (
    (refusals.CannotSend, "cannot_send"),
    (refusals.KeyOfAnother, "key_used"),
    (refusals.CannotRetry, "cannot_retry"),
    (refusals.NothingToDecide, "nothing_to_decide"),
    (refusals.SnippetThere, "snippet_exists"),
):
    answer_with(contradiction, status=409, code=code, detail=None)
answer_with(NothingToSort, status=409, code="nothing_to_sort", detail=None)
answer_with(OldSuggestion, status=409, code="old_suggestion", detail=None)
answer_with(ReplayRuns, status=409, code="replay_runs", detail=None)
for wrong in (InvalidDecision, UnknownKind, UnknownCountry, InvalidRules, InvalidThreshold, InvalidMapping):
    answer_with(wrong, status=400, code="invalid", detail=None)
answer_with(InvalidCategory, status=400, code="invalid", detail=None)
answer_with(InvalidGoal, status=400, code="invalid", detail=None)
answer_with(
    refusals.NewerMail,
    status=409,
    code="newer_mail",
    detail=None,
    facts=lambda error: {"newer": asdict(error.newer)},
)
