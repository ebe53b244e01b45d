-- Takes away notes of messages that are gone, and of those that ended a worker more than once.
DELETE FROM messaging_triagepending WHERE message_id = ANY (%(ids)s)
