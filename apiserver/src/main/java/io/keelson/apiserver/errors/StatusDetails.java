package io.keelson.apiserver.errors;

import java.util.List;

/**
 * What a {@code Status} says about the object that was asked for.
 *
 * @param name of the object; empty if it has none
 * @param group of the kind or resource
 * @param kind the kind, or, where the API does so, the name of the resource
 * @param uid of the object; empty if it has none
 * @param causes what is wrong, one by one
 * @param retryAfterSeconds when to try again; 0 for no advice
 */
public record StatusDetails(
        String name, String group, String kind, String uid, List<StatusCause> causes, int retryAfterSeconds) {
    public static final StatusDetails NONE = new StatusDetails("", "", "", "", List.of(), 0);

    public StatusDetails {
        causes = List.copyOf(causes);
    }

    /** About an object. */
    public static StatusDetails of(String group, String kind, String name) {
        return new StatusDetails(name, group, kind, "", List.of(), 0);
    }

    public StatusDetails withCauses(List<StatusCause> newCauses) {
        return new StatusDetails(name, group, kind, uid, newCauses, retryAfterSeconds);
    }

    public StatusDetails withUid(String newUid) {
        return new StatusDetails(name, group, kind, newUid, causes, retryAfterSeconds);
    }

    public StatusDetails withRetryAfterSeconds(int seconds) {
        return new StatusDetails(name, group, kind, uid, causes, seconds);
    }
}
