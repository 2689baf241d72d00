package io.keelson.apiserver.admission.conditions;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code matchConditions} of a webhook, compiled: what must hold of a request so that the webhook is asked about it. They
 * may name what match conditions of policies without parameters do. Immutable; any thread may ask.
 */
public final class RequestConditions {
    /** No conditions: they hold of every request. */
    public static final RequestConditions NONE = new RequestConditions(List.of());

    private final List<Compiled> conditions;

    private RequestConditions(List<Compiled> conditions) {
        this.conditions = conditions;
    }

    /** Compiles conditions as objects of the API have them. One that does not compile fails for every request. */
    public static RequestConditions of(JsonNode matchConditions) {
        if (matchConditions.isEmpty()) {
            return NONE;
        }
        AdmissionExpressions expressions = new AdmissionExpressions(false);
        List<Compiled> conditions = new ArrayList<>();
        for (JsonNode condition : matchConditions) {
            conditions.add(Compiled.of(condition.path("expression").asText(""), expressions::condition));
        }
        return new RequestConditions(List.copyOf(conditions));
    }

    public boolean isEmpty() {
        return conditions.isEmpty();
    }

    /**
     * What became of the conditions for a request.
     *
     * @param hold whether all of them hold; false also if some failed and nobody minds
     * @param failure why that cannot be said; empty if it can
     */
    public record Outcome(boolean hold, Optional<String> failure) {}

    /**
     * Evaluates them.
     *
     * @param target in which the webhook is to see the request
     * @param mayFail whether conditions that fail count as such that do not hold
     */
    public Outcome evaluate(AdmissionRequest request, Target target, Authorizer authorizer, boolean mayFail) {
        Map<String, Object> values =
                new Scene(request, target, null, new RequestAuthorizer(request.user(), authorizer)).with(null);
        try {
            return new Outcome(MatchConditions.hold(conditions, values, mayFail), Optional.empty());
        } catch (ConfigurationException e) {
            return new Outcome(false, Optional.of(e.message()));
        }
    }
}
