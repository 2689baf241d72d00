package io.keelson.agent.server;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.manager.Caller;
import io.keelson.controllers.manager.DelegatedAccess;
import java.util.Optional;

/** Lets those through to the node whom the API says may. Asks it, so it waits. Any thread. */
final class NodeAccess {
    private final DelegatedAccess access;
    private final String node;
    private final boolean anonymous;

    /** @param anonymous whether who shows nothing is heard */
    NodeAccess(DelegatedAccess access, String node, boolean anonymous) {
        this.access = access;
        this.node = node;
        this.anonymous = anonymous;
    }

    boolean asksForCertificates() {
        return access.asksForCertificates();
    }

    /** Why a request is not to be answered; empty if it is. */
    Optional<Answer.Plain> refusal(NodeRequest request) {
        NodeRights rights = NodeRights.of(request.method(), request.first());
        Caller caller;
        try {
            caller = access.caller(request.certificates(), request.allHeaders());
            if (caller == null || (!anonymous && caller.equals(Caller.ANONYMOUS))) {
                return Optional.of(Answer.text(401, "Unauthorized"));
            }
        } catch (KubernetesClientException e) {
            // As the kubelet: who cannot be known is not known.
            return Optional.of(Answer.text(401, "Unauthorized"));
        }
        String what = "(user=" + caller.name() + ", verb=" + rights.verb() + ", resource=nodes, subresource(s)="
                + rights.subresources().toString().replace(",", "") + ")";
        try {
            for (String subresource : rights.subresources()) {
                if (access.mayDoWithNode(caller, rights.verb(), node, subresource)) {
                    return Optional.empty();
                }
            }
        } catch (KubernetesClientException e) {
            return Optional.of(Answer.text(500, "Authorization error " + what));
        }
        return Optional.of(Answer.text(403, "Forbidden " + what));
    }
}
