package io.keelson.apiserver.resource;

import io.keelson.apiserver.request.UserInfo;
import java.time.Instant;
import java.util.List;

/**
 * What a strategy may know of the write it takes part in.
 *
 * @param user who writes
 * @param now the time that goes into the object
 * @param dryRun whether nothing is to be changed anywhere
 * @param warnings receives texts for the client's attention
 */
public record WriteContext(UserInfo user, Instant now, boolean dryRun, List<String> warnings) {}
