package io.keelson.apiserver.authz;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.UserInfo;
import java.util.List;

/** Decides whether somebody may do something. Called by any thread; may wait for other servers. */
@FunctionalInterface
public interface Authorizer {
    /** Allows everything, for tests. */
    Authorizer ALWAYS_ALLOW = new Authorizer() {
        @Override
        public Decision authorize(Attributes attributes) {
            return Decision.ALLOW;
        }

        @Override
        public RuleList rulesFor(UserInfo user, String namespace) {
            return new RuleList(List.of(PolicyRule.ALL_RESOURCES, PolicyRule.ALL_PATHS), false, "");
        }
    };

    /** Allows nothing. */
    Authorizer ALWAYS_DENY = new Authorizer() {
        @Override
        public Decision authorize(Attributes attributes) {
            return Decision.noOpinion("Everything is forbidden.");
        }

        @Override
        public RuleList rulesFor(UserInfo user, String namespace) {
            return RuleList.EMPTY;
        }
    };

    /** Allows {@code system:masters} everything, so that nobody can lock the administrators out. */
    Authorizer MASTERS = new Authorizer() {
        @Override
        public Decision authorize(Attributes attributes) {
            return attributes.user().in(UserInfo.MASTERS) ? Decision.ALLOW : Decision.NO_OPINION;
        }

        @Override
        public RuleList rulesFor(UserInfo user, String namespace) {
            return user.in(UserInfo.MASTERS) ? ALWAYS_ALLOW.rulesFor(user, namespace) : RuleList.EMPTY;
        }
    };

    /** @throws ApiException ServiceUnavailable if the thread is interrupted while another server is asked; it stays so */
    Decision authorize(Attributes attributes);

    /** What a user may do in a namespace, as far as it can be said. */
    default RuleList rulesFor(UserInfo user, String namespace) {
        return new RuleList(List.of(), true, "");
    }

    /** @throws ApiException Forbidden, or InternalError if it could not be decided */
    default void require(Attributes attributes) {
        require(attributes, authorize(attributes));
    }

    /** @throws ApiException as the decision says */
    static void require(Attributes attributes, Decision decision) {
        if (decision.allowed()) {
            return;
        }
        if (!decision.error().isEmpty()) {
            throw ApiException.internal(decision.error(), null);
        }
        throw attributes.forbidden(decision.reason());
    }
}
