package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.admission.conditions.Compiled;
import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.admission.conditions.MatchConditions;
import io.keelson.apiserver.admission.policy.Invocations.Step;
import io.keelson.apiserver.admission.rules.Rounds;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.admission.rules.VersionedObjects;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.cel.CelBudget;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Has all MutatingAdmissionPolicies that are for a write change it, one after the other in the order of their names. Each
 * sees what those before it have made of the object.
 *
 * <p>Once one has changed the object, all plugins get to see it a second time; of the policies, then, those that wish so,
 * have been evaluated already, and have not seen the object as it is now.
 */
public final class MutatingAdmissionPolicy implements AdmissionPlugin {
    private final Invocations<MutatingPolicy> invocations;
    private final Scenes scenes;

    /** @param authorizer answers what expressions ask of it */
    public MutatingAdmissionPolicy(ObjectLookup objects, KindLookup kinds, Authorizer authorizer) {
        this.invocations = new Invocations<>(
                new PolicySource<>(
                        objects, "mutatingadmissionpolicies", "mutatingadmissionpolicybindings", MutatingPolicy::of),
                MutatingPolicy::basis,
                objects,
                kinds);
        this.scenes = new Scenes(objects, authorizer);
    }

    /** What is remembered for the second round, apart from what the plugin for webhooks remembers. */
    private record Notes(Rounds rounds) {}

    @Override
    public String name() {
        return "MutatingAdmissionPolicy";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        if (Exclusions.holdFor(request)) {
            return;
        }
        List<Step<MutatingPolicy>> steps = invocations.of(request);
        if (steps.isEmpty()) {
            return;
        }
        Rounds rounds =
                request.notes(Notes.class, () -> new Notes(new Rounds())).rounds();
        if (request.isSecondRound() && rounds.isOtherThanLeft(request.object())) {
            rounds.somethingChanged();
        }
        Round round = new Round(request, scenes.of(request), rounds);
        for (Step<MutatingPolicy> step : steps) {
            switch (step) {
                case Step.Failure<MutatingPolicy> failure ->
                    round.fail(failure.policy(), failure.binding(), failure.message(), Reason.FORBIDDEN);
                case Step.Evaluation<MutatingPolicy> evaluation -> {
                    for (Optional<ObjectNode> params : evaluation.params()) {
                        round.evaluate(
                                evaluation.policy(), evaluation.binding(), evaluation.target(), params.orElse(null));
                    }
                }
            }
        }
        rounds.leave(request.object());
        round.end();
    }

    /** All policies' changes of one request. */
    private static final class Round {
        private final AdmissionRequest request;
        private final Scenes.OfRequest scenes;
        private final Rounds rounds;
        private final List<String> failures = new ArrayList<>();
        private Reason reason = Reason.FORBIDDEN;

        Round(AdmissionRequest request, Scenes.OfRequest scenes, Rounds rounds) {
            this.request = request;
            this.scenes = scenes;
            this.rounds = rounds;
        }

        void evaluate(MutatingPolicy policy, Binding binding, Target target, @Nullable ObjectNode params) {
            Basis basis = policy.basis();
            try {
                Map<String, Object> scene = scenes.in(target).with(params);
                if (!MatchConditions.hold(basis.conditions(), scene, basis.mayFail())) {
                    return;
                }
            } catch (ConfigurationException e) {
                fail(basis, binding, e.message(), Reason.INVALID);
                return;
            }
            String key = basis.name() + "/" + binding.name() + "/"
                    + (params == null ? "" : ObjectMeta.namespace(params) + "/" + ObjectMeta.name(params));
            if (request.isSecondRound() && !rounds.isDue(key)) {
                return;
            }
            ObjectNode before = request.object();
            for (Mutation mutation : policy.mutations()) {
                change(mutation, basis, binding, target, params);
            }
            if (!Objects.equals(before, request.object())) {
                rounds.somethingChanged();
                request.wantSecondRound();
            }
            if (policy.again()) {
                rounds.asked(key);
            }
        }

        private void change(
                Mutation mutation, Basis basis, Binding binding, Target target, @Nullable ObjectNode params) {
            ObjectNode object = VersionedObjects.object(request, target);
            if (object == null) {
                return;
            }
            Schema schema = VersionedObjects.schema(request, target);
            if (schema == null) {
                throw ApiException.of(
                        Reason.SERVICE_UNAVAILABLE,
                        "Resource kind " + target.kind() + " not found. There can be a delay between when"
                                + " CustomResourceDefinitions are created and when they are available.");
            }
            CelBudget budget = CelBudget.ofObject();
            try {
                Variables values = new Variables(scenes.in(target).with(params), basis.variables(), budget);
                ObjectNode changed = mutation.change(object, schema, values, budget);
                if (!changed.equals(object)) {
                    VersionedObjects.replace(request, changed, target);
                    scenes.changed();
                }
            } catch (Compiled.FailedException e) {
                fail(basis, binding, e.message(), Reason.INVALID);
            } catch (ConfigurationException e) {
                fail(basis, binding, e.message(), Reason.INVALID);
            }
        }

        /** @param why if it is the first, for what the client is told */
        void fail(Basis policy, @Nullable Binding binding, String why, Reason first) {
            if (policy.mayFail()) {
                return;
            }
            if (failures.isEmpty()) {
                reason = first;
            }
            failures.add(
                    binding == null
                            ? "policy " + GoText.quoted(policy.name()) + " denied request: " + why
                            : "policy '" + policy.name() + "' with binding '" + binding.name() + "' denied request: "
                                    + why);
        }

        /** @throws ApiException if something has failed that must not */
        void end() {
            if (failures.isEmpty()) {
                return;
            }
            List<StatusCause> causes = failures.stream()
                    .map(failure -> new StatusCause("", failure, ""))
                    .toList();
            throw ApiException.of(
                            reason,
                            failures.getFirst(),
                            request.forbidden("").details().withCauses(causes))
                    .withCode(Reason.FORBIDDEN.code());
        }
    }
}
