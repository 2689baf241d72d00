package io.keelson.apiserver.admission.webhook;

import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.errors.ApiException;
import org.jspecify.annotations.Nullable;

/** Finds out whether a webhook is to be asked about a request. */
final class Selection {
    private final RequestMatcher matcher;

    Selection(RequestMatcher matcher) {
        this.matcher = matcher;
    }

    /**
     * The version in which the webhook is to see the request; null if it is not to be asked.
     *
     * @throws ApiException Forbidden if that cannot be found out, and the webhook must not be left out
     */
    @Nullable
    Target of(Webhook webhook, AdmissionRequest request) throws InterruptedException {
        Target target = matcher.match(request, webhook.criteria());
        if (target == null || !webhook.conditions()) {
            return target;
        }
        if (webhook.mayFail()) {
            return null;
        }
        throw request.forbidden("matchConditions of webhook " + webhook.name() + " cannot be evaluated by this server");
    }
}
