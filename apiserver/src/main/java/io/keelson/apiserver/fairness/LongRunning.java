package io.keelson.apiserver.fairness;

import io.keelson.apiserver.request.RequestInfo;
import java.util.Set;

/** Which requests last as long as somebody wants, so that they cannot be counted among those that are served at a time. */
final class LongRunning {
    private static final Set<String> VERBS = Set.of("watch", "proxy");
    private static final Set<String> SUBRESOURCES = Set.of("attach", "exec", "proxy", "log", "portforward");

    private LongRunning() {}

    static boolean is(RequestInfo request) {
        return request.resourceRequest()
                && (VERBS.contains(request.verb()) || SUBRESOURCES.contains(request.subresource()));
    }

    /** Whether it is one that is counted until it has begun. */
    static boolean isWatch(RequestInfo request) {
        return request.resourceRequest() && request.verb().equals("watch");
    }
}
