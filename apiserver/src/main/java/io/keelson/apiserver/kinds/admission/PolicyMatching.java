package io.keelson.apiserver.kinds.admission;

import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which requests a policy or its binding is for. */
final class PolicyMatching {
    private static final List<String> CHANGEABLE = List.of("*", "CONNECT", "CREATE", "UPDATE");

    private PolicyMatching() {}

    /**
     * Says what is wrong with {@code matchConstraints} or {@code matchResources}.
     *
     * @param mutating whether it is of a policy that changes objects, which has nothing to do with deletions
     */
    static void resources(Place match, boolean mutating) {
        WebhookRules.match(match);
        for (String list : List.of("resourceRules", "excludeResourceRules")) {
            match.at(list).items().forEach(rule -> names(rule.at("resourceNames")));
        }
        if (mutating) {
            Place rules = match.at("resourceRules");
            for (Place rule : rules.items()) {
                for (String operation : rule.at("operations").textItems()) {
                    if (!CHANGEABLE.contains(operation)) {
                        rules.errors().notSupported(rules.at("operations").path(), operation, CHANGEABLE);
                    }
                }
            }
        }
    }

    private static void names(Place names) {
        Set<String> seen = new HashSet<>();
        for (Place name : names.items()) {
            name.check(Names::pathSegment);
            if (!seen.add(name.text())) {
                name.duplicate();
            }
        }
    }
}
