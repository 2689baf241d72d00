package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.pods.AgentPods;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Pods that fail when they are ended, unless they are stuck. */
final class EndedPods implements AgentPods {
    final List<Pod> pods = new CopyOnWriteArrayList<>();

    /** One line for each that was ended: {@code evict UID SECONDS}, {@code fail UID SECONDS}. */
    final List<String> ended = new CopyOnWriteArrayList<>();

    volatile boolean isStuck;

    private void end(Pod pod, String how, long graceSeconds) {
        if (!isStuck) {
            pods.replaceAll(
                    each -> each.getMetadata().getUid().equals(pod.getMetadata().getUid())
                            ? new PodBuilder(each)
                                    .withNewStatus()
                                    .withPhase("Failed")
                                    .endStatus()
                                    .build()
                            : each);
        }
        ended.add(how + ' ' + pod.getMetadata().getUid() + ' ' + graceSeconds);
    }

    @Override
    public List<Pod> pods() {
        return List.copyOf(pods);
    }

    @Override
    public void evict(Pod pod, String reason, String message, long graceSeconds) {
        end(pod, "evict", graceSeconds);
    }

    @Override
    public void fail(Pod pod, String reason, String message, long graceSeconds) {
        end(pod, "fail", graceSeconds);
    }

    @Override
    public Optional<Pod> find(String namespace, String name, String uid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<String> runningContainer(Pod pod, String container) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<String> sandbox(Pod pod) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Path> log(Pod pod, String container, boolean previous) {
        throw new UnsupportedOperationException();
    }
}
