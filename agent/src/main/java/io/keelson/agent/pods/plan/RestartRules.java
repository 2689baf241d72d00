package io.keelson.agent.pods.plan;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerRestartRule;
import io.fabric8.kubernetes.api.model.ContainerRestartRuleOnExitCodes;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Optional;

/**
 * Whether a container that has ended is started again. The first of its own rules that its exit code meets decides;
 * else its own policy; else its pod's. An init container that ended well has done its work, whatever a policy says.
 */
public final class RestartRules {
    private static final String RESTART = "Restart";
    private static final String RESTART_ALL = "RestartAllContainers";

    private RestartRules() {}

    /** Whether a container that ended so is started again. */
    public static boolean restarts(Pod pod, PodContainer container, int exitCode) {
        return switch (container.sort()) {
            case EPHEMERAL -> false;
            case SIDECAR -> true;
            case INIT -> exitCode != 0 && byPolicy(pod, container.container(), exitCode);
            case ORDINARY -> byPolicy(pod, container.container(), exitCode);
        };
    }

    private static boolean byPolicy(Pod pod, Container container, int exitCode) {
        String own = OrEmpty.of(container.getRestartPolicy());
        if (own.isEmpty()) {
            return follows(PodTraits.restartPolicy(pod), exitCode);
        }
        Optional<String> action = action(container, exitCode);
        return action.filter(RESTART::equals).isPresent() || follows(own, exitCode);
    }

    /** Whether a container that ended so has all containers of its pod started anew. */
    public static boolean restartsAll(Container container, int exitCode) {
        return action(container, exitCode).filter(RESTART_ALL::equals).isPresent();
    }

    /** Whether nothing that has ended is ever started again. */
    static boolean neverRestarts(Pod pod) {
        List<PodContainer> all = PodContainers.ordinary(pod);
        return all.stream().allMatch(one -> {
            Container container = one.container();
            String own = OrEmpty.of(container.getRestartPolicy());
            return (own.isEmpty() ? PodTraits.restartPolicy(pod) : own).equals("Never")
                    && OrEmpty.of(container.getRestartPolicyRules()).isEmpty();
        });
    }

    /** Whether a container that was stopped because something is wrong with it is started again. */
    static boolean restartsAfterFailure(Pod pod, PodContainer container) {
        if (container.sort() == Sort.SIDECAR) {
            return true;
        }
        String own = OrEmpty.of(container.container().getRestartPolicy());
        return !(own.isEmpty() ? PodTraits.restartPolicy(pod) : own).equals("Never");
    }

    private static Optional<String> action(Container container, int exitCode) {
        for (ContainerRestartRule rule : OrEmpty.of(container.getRestartPolicyRules())) {
            if (meets(exitCode, rule.getExitCodes())) {
                return Optional.of(OrEmpty.of(rule.getAction()));
            }
        }
        return Optional.empty();
    }

    private static boolean meets(int exitCode, ContainerRestartRuleOnExitCodes codes) {
        boolean isListed = codes != null && OrEmpty.of(codes.getValues()).contains(exitCode);
        return switch (codes == null ? "" : OrEmpty.of(codes.getOperator())) {
            case "In" -> isListed;
            case "NotIn" -> !isListed;
            default -> false;
        };
    }

    private static boolean follows(String policy, int exitCode) {
        return switch (policy) {
            case "Never" -> false;
            case "OnFailure" -> exitCode != 0;
            default -> true;
        };
    }
}
