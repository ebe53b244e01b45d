"""Map exceptions of messaging (unknown conversation, unfit reply …) to API error responses."""

from dataclasses import asdict

from messaging.follow_ups.business_calendar import UnknownCountry
from messaging.follow_ups.decisions import OldSuggestion, UnfitDecision, UnknownKind
from messaging.goals import UnfitGoal
from messaging.inbox import refusals
from messaging.intelligence.triage.adjustments import UnfitRules
from messaging.intelligence.triage.conversation_category import NothingToSort, UnfitCategory
from messaging.intelligence.triage.replay import ReplayRuns, UnfitThreshold
from messaging.scores.fit_mapping import UnfitMapping
from salesbrain.api.exceptions import NOT_FOUND, answer_with

for unknown in (refusals.UnknownConversation, refusals.UnknownReply, refusals.UnknownSnippet):
    answer_with(unknown, status=404, code="not_found", detail=NOT_FOUND)
for unfit in (
    refusals.SnoozeInThePast, refusals.NoReasonOfPeople, refusals.UnfitLabel, refusals.UnfitNote, refusals.UnfitAssignee,
    refusals.UnfitReply, refusals.UnfitCc, refusals.UnfitSendTime, refusals.UnfitUndo, refusals.UnfitSnippet, refusals.UnknownVariable,
):  # fmt: skip
    answer_with(unfit, status=400, code="invalid", detail=None)
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
for wrong in (UnfitDecision, UnknownKind, UnknownCountry, UnfitRules, UnfitThreshold, UnfitMapping):
    answer_with(wrong, status=400, code="invalid", detail=None)
answer_with(UnfitCategory, status=400, code="invalid", detail=None)
answer_with(UnfitGoal, status=400, code="invalid", detail=None)
answer_with(
    refusals.NewerMail,
    status=409,
    code="newer_mail",
    detail=None,
    facts=lambda error: {"newer": asdict(error.newer)},
)
