package io.keelson.apiserver.request;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to list or watch. Texts are empty if they were not given; selectors are as they were sent.
 *
 * @param resourceVersionMatch {@code Exact}, {@code NotOlderThan} or empty
 * @param limit how many objects at most; 0 for all
 * @param continueToken where the last page ended
 * @param timeoutSeconds how long a watch may last; null if nothing was said
 * @param sendInitialEvents whether a watch begins with the objects there are; null if nothing was said
 */
public record ListOptions(
        boolean watch,
        String labelSelector,
        String fieldSelector,
        String resourceVersion,
        String resourceVersionMatch,
        long limit,
        String continueToken,
        @Nullable Long timeoutSeconds,
        boolean allowWatchBookmarks,
        @Nullable Boolean sendInitialEvents) {
    private static final String EXACT = "Exact";
    private static final String NOT_OLDER_THAN = "NotOlderThan";
    private static final FieldPath MATCH = FieldPath.of("resourceVersionMatch");
    private static final FieldPath INITIAL_EVENTS = FieldPath.of("sendInitialEvents");

    /**
     * Reads and checks the options of a request.
     *
     * @param watch whether it is a watch, by its query or by its path
     * @throws ApiException BadRequest for what cannot be read; Invalid for what does not go together
     */
    public static ListOptions parse(Query query, boolean watch) {
        Long limit = QueryValues.optionalLong(query, "limit");
        ListOptions options = new ListOptions(
                watch,
                query.text("labelSelector"),
                query.text("fieldSelector"),
                query.text("resourceVersion"),
                query.text("resourceVersionMatch"),
                limit == null ? 0 : limit,
                query.text("continue"),
                QueryValues.optionalLong(query, "timeoutSeconds"),
                query.flag("allowWatchBookmarks"),
                QueryValues.optionalFlag(query, "sendInitialEvents"));
        options = options.withDefaults();
        options.check();
        return options;
    }

    /** A watch from nowhere in particular begins with the objects there are. */
    private ListOptions withDefaults() {
        boolean fromAnywhere = resourceVersion.isEmpty() || resourceVersion.equals("0");
        if (!watch || sendInitialEvents != null || !resourceVersionMatch.isEmpty() || !fromAnywhere) {
            return this;
        }
        return new ListOptions(
                true,
                labelSelector,
                fieldSelector,
                resourceVersion,
                NOT_OLDER_THAN,
                limit,
                continueToken,
                timeoutSeconds,
                allowWatchBookmarks,
                true);
    }

    private void check() {
        FieldErrors errors = new FieldErrors();
        if (watch) {
            checkWatch(errors);
        } else {
            checkList(errors);
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind("meta.k8s.io", "ListOptions"), "", errors.list());
        }
    }

    private void checkList(FieldErrors errors) {
        if (!resourceVersionMatch.isEmpty()) {
            if (resourceVersion.isEmpty()) {
                errors.forbidden(MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided");
            }
            if (!continueToken.isEmpty()) {
                errors.forbidden(MATCH, "resourceVersionMatch is forbidden when continue is provided");
            }
            if (!exact() && !notOlderThan()) {
                errors.notSupported(MATCH, resourceVersionMatch, List.of(EXACT, NOT_OLDER_THAN, ""));
            }
            if (exact() && resourceVersion.equals("0")) {
                errors.forbidden(MATCH, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
            }
        }
        if (sendInitialEvents != null) {
            errors.forbidden(INITIAL_EVENTS, "sendInitialEvents is forbidden for list");
        }
    }

    private void checkWatch(FieldErrors errors) {
        if (sendInitialEvents != null && !notOlderThan()) {
            errors.forbidden(MATCH, "sendInitialEvents requires setting resourceVersionMatch to " + NOT_OLDER_THAN);
        }
        if (!resourceVersionMatch.isEmpty()) {
            if (sendInitialEvents == null) {
                errors.forbidden(
                        MATCH, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
            }
            if (!notOlderThan()) {
                errors.notSupported(MATCH, resourceVersionMatch, List.of(NOT_OLDER_THAN));
            }
            if (!continueToken.isEmpty()) {
                errors.forbidden(MATCH, "resourceVersionMatch is forbidden when continue is provided");
            }
        }
    }

    /**
     * Whether the objects are wanted as they were at exactly that resource version. So are those of a list with a limit that
     * names a resource version and does not say how it is meant.
     */
    public boolean exact() {
        boolean page = limit > 0 && !resourceVersion.isEmpty() && !resourceVersion.equals("0");
        return resourceVersionMatch.equals(EXACT) || (resourceVersionMatch.isEmpty() && page);
    }

    /** Whether the objects are wanted as they were at that resource version or later. */
    public boolean notOlderThan() {
        return resourceVersionMatch.equals(NOT_OLDER_THAN);
    }

    /** Whether a watch begins with the objects there are. */
    public boolean initialEvents() {
        return Boolean.TRUE.equals(sendInitialEvents);
    }
}
