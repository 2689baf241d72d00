package io.keelson.controllers.policystatus;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.time.Duration;

/** Notes which generation of a policy was observed, where nobody who checks types has done so. */
public final class PolicyStatusController implements Controller {
    private static final int WORKERS = 5;

    private final Context context;
    private final Cache<ValidatingAdmissionPolicy> policies;
    private final UnobservedGenerations unobserved = new UnobservedGenerations();

    private PolicyStatusController(Context context, Setup setup) {
        this.context = context;
        this.policies = setup.watch(ValidatingAdmissionPolicy.class);
    }

    /** As {@code --controllers} names it, with the workers of a process without flags. */
    public static ControllerDescriptor descriptor() {
        return descriptor(WORKERS);
    }

    /**
     * As {@code --controllers} names it.
     *
     * @param workers {@code --concurrent-validating-admission-policy-status-syncs}
     */
    public static ControllerDescriptor descriptor(int workers) {
        return new ControllerDescriptor(
                "validatingadmissionpolicy-status-controller", workers, PolicyStatusController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        ValidatingAdmissionPolicy policy = policies.get(key);
        if (policy == null || UnobservedGenerations.isObserved(policy)) {
            unobserved.forget(key);
            return Outcome.done();
        }
        Duration left = unobserved.left(policy, context.time().steady());
        if (left.isPositive()) {
            return Outcome.after(left);
        }
        try {
            context.client().resource(UnobservedGenerations.observed(policy)).updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
        unobserved.forget(key);
        return Outcome.done();
    }
}
