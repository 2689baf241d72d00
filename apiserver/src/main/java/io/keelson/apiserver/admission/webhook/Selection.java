package io.keelson.apiserver.admission.webhook;

import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.conditions.RequestConditions;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whether a webhook is to be asked about a request. */
final class Selection {
    private static final Logger log = LoggerFactory.getLogger(Selection.class);

    private final RequestMatcher matcher;
    private final Authorizer authorizer;

    /** @param authorizer is asked by conditions */
    Selection(RequestMatcher matcher, Authorizer authorizer) {
        this.matcher = matcher;
        this.authorizer = authorizer;
    }

    /**
     * The version in which the webhook is to see the request; null if it is not to be asked.
     *
     * @throws ApiException Forbidden if that cannot be found out, and the webhook must not be left out
     */
    @Nullable
    Target of(Webhook webhook, AdmissionRequest request) throws InterruptedException {
        Target target = matcher.match(request, webhook.criteria());
        if (target == null || webhook.conditions().isEmpty()) {
            return target;
        }
        RequestConditions.Outcome outcome =
                webhook.conditions().evaluate(request, target, authorizer, webhook.mayFail());
        if (outcome.failure().isPresent()) {
            log.warn("failed evaluating match conditions of {}, failing closed: {}", webhook.name(), outcome.failure());
            throw request.forbidden(outcome.failure().get());
        }
        return outcome.hold() ? target : null;
    }
}
