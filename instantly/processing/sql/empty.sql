-- Bodies of deliveries that nobody may read again; their digests stay, so that a copy that comes later is still a copy.
UPDATE instantly_delivery SET body = NULL, cleaned = NULL WHERE id = ANY (%s::bigint[]) AND body IS NOT NULL
