package io.keelson.apiserver.authz;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.AuditTrail;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;

/** Lets pass only what is allowed, and tells the audit log why. */
public record AuthorizationFilter(Authorizer authorizer) implements Filter {
    private static final String DECISION = "authorization.k8s.io/decision";
    private static final String REASON = "authorization.k8s.io/reason";

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        Attributes attributes = Attributes.of(request);
        Decision decision = authorizer.authorize(attributes);
        note(request.audit(), decision);
        Authorizer.require(attributes, decision);
        return next.handle(request);
    }

    private static void note(AuditTrail audit, Decision decision) {
        if (!decision.allowed() && !decision.error().isEmpty()) {
            audit.note(REASON, "internal error");
            return;
        }
        audit.note(DECISION, decision.allowed() ? "allow" : "forbid");
        audit.note(REASON, decision.reason());
    }
}
