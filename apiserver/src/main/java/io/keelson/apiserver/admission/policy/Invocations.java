package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.admission.rules.Criteria;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which policies are to be evaluated for a request, and with what.
 *
 * @param <P> a kind of policy
 */
final class Invocations<P> {
    private final PolicySource<P> source;
    private final Function<P, Basis> basis;
    private final RequestMatcher matcher;
    private final Params params;

    Invocations(PolicySource<P> source, Function<P, Basis> basis, ObjectLookup objects, KindLookup kinds) {
        this.source = source;
        this.basis = basis;
        this.matcher = new RequestMatcher(objects);
        this.params = new Params(kinds);
    }

    /** What is to be done about a policy. */
    sealed interface Step<P> {
        /**
         * It is to be evaluated.
         *
         * @param target in which it sees the request
         * @param params each to be looked at by itself
         */
        record Evaluation<P>(P policy, Binding binding, Target target, List<Optional<ObjectNode>> params)
                implements Step<P> {}

        /**
         * It cannot be, and that matters.
         *
         * @param binding null if the policy itself is at fault
         */
        record Failure<P>(Basis policy, @Nullable Binding binding, String message) implements Step<P> {}
    }

    /** In the order of the policies' names, and of the bindings' below that. Policies that may fail do so without a trace. */
    List<Step<P>> of(AdmissionRequest request) throws InterruptedException {
        List<Step<P>> steps = new ArrayList<>();
        for (PolicySource.Active<P> active : source.active()) {
            Basis policy = basis.apply(active.policy());
            try {
                Target target = match(request, policy.criteria());
                if (target != null) {
                    ParamKind kind = policy.params();
                    if (kind != null) {
                        var _ = params.resource(kind);
                    }
                    bound(active, policy, target, request, steps);
                }
            } catch (ConfigurationException e) {
                fail(policy, null, "failed to configure policy: " + e.message(), steps);
            }
        }
        return steps;
    }

    private void bound(
            PolicySource.Active<P> active, Basis policy, Target target, AdmissionRequest request, List<Step<P>> steps)
            throws InterruptedException {
        for (Binding binding : active.bindings()) {
            try {
                Criteria narrower = binding.criteria();
                if (narrower != null && match(request, narrower) == null) {
                    continue;
                }
                List<Optional<ObjectNode>> found =
                        params.find(policy.params(), binding.params(), RequestMatcher.namespace(request));
                if (!found.isEmpty()) {
                    steps.add(new Step.Evaluation<>(active.policy(), binding, target, found));
                }
            } catch (ConfigurationException e) {
                fail(policy, binding, "failed to configure binding: " + e.message(), steps);
            }
        }
    }

    private @Nullable Target match(AdmissionRequest request, Criteria criteria)
            throws ConfigurationException, InterruptedException {
        try {
            return matcher.match(request, criteria);
        } catch (ApiException e) {
            throw new ConfigurationException(e.message());
        }
    }

    private static <P> void fail(Basis policy, @Nullable Binding binding, String message, List<Step<P>> steps) {
        if (!policy.mayFail()) {
            steps.add(new Step.Failure<>(policy, binding, message));
        }
    }
}
