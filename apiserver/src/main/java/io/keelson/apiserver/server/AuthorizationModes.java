package io.keelson.apiserver.server;

import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.NodeAuthorizer;
import io.keelson.apiserver.authz.RbacAuthorizer;
import io.keelson.apiserver.authz.UnionAuthorizer;
import java.util.ArrayList;
import java.util.List;

/** Puts the authorizers together that {@code --authorization-mode} names, in its order. */
final class AuthorizationModes {
    private AuthorizationModes() {}

    /** @throws IllegalArgumentException naming a mode that there is not */
    static Authorizer of(List<String> modes, RbacAuthorizer rbac, NodeAuthorizer node) {
        List<Authorizer> authorizers = new ArrayList<>();
        authorizers.add(Authorizer.MASTERS);
        for (String mode : modes) {
            authorizers.add(
                    switch (mode) {
                        case "Node" -> node;
                        case "RBAC" -> rbac;
                        case "AlwaysAllow" -> Authorizer.ALWAYS_ALLOW;
                        case "AlwaysDeny" -> Authorizer.ALWAYS_DENY;
                        default ->
                            throw new IllegalArgumentException("--authorization-mode: unknown mode \"" + mode + "\"");
                    });
        }
        return new UnionAuthorizer(authorizers);
    }
}
