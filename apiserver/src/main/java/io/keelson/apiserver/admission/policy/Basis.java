package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.conditions.Compiled;
import io.keelson.apiserver.admission.rules.Criteria;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all policies have.
 *
 * @param mayFail whether a write goes on if the policy cannot be evaluated
 * @param params the kind of its parameters; null if it has none
 * @param conditions all of which must hold for requests that it is for
 * @param variables by name, each of which may name those before it
 */
record Basis(
        String name,
        boolean mayFail,
        Criteria criteria,
        @Nullable ParamKind params,
        List<Compiled> conditions,
        Map<String, Compiled> variables) {
    Basis {
        conditions = List.copyOf(conditions);
    }

    /**
     * Reads and compiles it.
     *
     * @param expressions gets to know the variables
     * @throws io.keelson.apiserver.object.MalformedException if a selector is none
     */
    static Basis of(ObjectNode policy, AdmissionExpressions expressions) {
        JsonNode spec = policy.path("spec");
        List<Compiled> conditions = new ArrayList<>();
        for (JsonNode condition : spec.path("matchConditions")) {
            conditions.add(Compiled.of(condition.path("expression").asText(""), expressions::condition));
        }
        Map<String, Compiled> variables = new LinkedHashMap<>();
        for (JsonNode variable : spec.path("variables")) {
            String name = variable.path("name").asText("");
            variables.put(
                    name,
                    Compiled.of(variable.path("expression").asText(""), text -> expressions.variable(name, text)));
        }
        return new Basis(
                ObjectMeta.name(policy),
                spec.path("failurePolicy").asText("").equals("Ignore"),
                Criteria.ofPolicy(spec.path("matchConstraints")),
                ParamKind.of(spec.path("paramKind")),
                conditions,
                variables);
    }

    /** What may be named in a policy's expressions. */
    static AdmissionExpressions expressions(ObjectNode policy) {
        JsonNode spec = policy.path("spec");
        return new AdmissionExpressions(
                spec.path("paramKind").isObject(), !spec.path("variables").isEmpty());
    }
}
