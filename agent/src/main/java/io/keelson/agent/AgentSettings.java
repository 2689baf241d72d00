package io.keelson.agent;

import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.launch.UserRanges;
import io.keelson.agent.pods.plan.BackOff;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How an agent works.
 *
 * @param nodeName whose pods it runs
 * @param folders where the files of pods are
 * @param manifests a folder, or a file, of static pods
 * @param manifestsEvery after how long manifests are read again though nobody said that they have changed
 * @param syncEvery after how long a pod is looked at though nothing has changed
 * @param backOffLimit how long a container that keeps ending waits at most
 * @param users which users of the node pods may have as their own
 * @param profileByDefault whether containers that say nothing have the runtime's usual profile of system calls
 */
public record AgentSettings(
        String nodeName,
        PodFolders folders,
        Optional<Path> manifests,
        Duration manifestsEvery,
        Duration syncEvery,
        Duration backOffLimit,
        UserRanges users,
        boolean profileByDefault) {
    private static final Duration MANIFESTS_EVERY = Duration.ofSeconds(20);
    private static final Duration SYNC_EVERY = Duration.ofMinutes(1);
    private static final int PODS_MAX = 110;

    /** As the kubelet does by default, without static pods. */
    public static AgentSettings of(String nodeName, PodFolders folders) {
        return new AgentSettings(
                nodeName,
                folders,
                Optional.empty(),
                MANIFESTS_EVERY,
                SYNC_EVERY,
                BackOff.LIMIT,
                UserRanges.usual(UserRanges.USUAL_PER_POD, PODS_MAX),
                false);
    }

    /** The same with static pods. */
    public AgentSettings withManifests(Path path) {
        return new AgentSettings(
                nodeName, folders, Optional.of(path), manifestsEvery, syncEvery, backOffLimit, users, profileByDefault);
    }
}
