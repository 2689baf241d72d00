package io.keelson.apiserver.authz;

import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Allows what roles grant. */
public record RbacAuthorizer(RuleIndex index) implements Authorizer {
    @Override
    public Decision authorize(Attributes attributes) {
        Search search = new Search(attributes);
        index.visit(attributes.user(), attributes.namespace(), search);
        RuleIndex.Grant source = search.granted;
        if (source != null) {
            return Decision.allow("RBAC: allowed by " + source);
        }
        return search.errors.isEmpty()
                ? Decision.NO_OPINION
                : Decision.noOpinion("RBAC: " + UnionAuthorizer.aggregate(search.errors));
    }

    @Override
    public RuleList rulesFor(UserInfo user, String namespace) {
        return index.rulesFor(user, namespace);
    }

    /** Looks for the first rule that allows a request. */
    private static final class Search implements RuleIndex.Visitor {
        private final Attributes attributes;
        private final List<String> errors = new ArrayList<>();
        private RuleIndex.@Nullable Grant granted;

        private Search(Attributes attributes) {
            this.attributes = attributes;
        }

        @Override
        public boolean rule(PolicyRule rule, RuleIndex.Grant source) {
            if (rule.allows(attributes)) {
                granted = source;
                return false;
            }
            return true;
        }

        @Override
        public void missing(RoleRef role) {
            errors.add(role.notFound());
        }
    }
}
