package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import java.util.ArrayList;
import java.util.List;

/**
 * A policy that changes what is to be written. Immutable.
 *
 * @param again whether it wants to see what others have made of an object after it saw it
 */
record MutatingPolicy(Basis basis, List<Mutation> mutations, boolean again) {
    MutatingPolicy {
        mutations = List.copyOf(mutations);
    }

    /** @throws io.keelson.apiserver.object.MalformedException if a selector is none */
    static MutatingPolicy of(ObjectNode policy) {
        AdmissionExpressions expressions = Basis.expressions(policy);
        Basis basis = Basis.of(policy, expressions);
        JsonNode spec = policy.path("spec");
        List<Mutation> mutations = new ArrayList<>();
        for (JsonNode mutation : spec.path("mutations")) {
            mutations.add(Mutation.of(mutation, expressions));
        }
        return new MutatingPolicy(
                basis, mutations, spec.path("reinvocationPolicy").asText("").equals("IfNeeded"));
    }
}
