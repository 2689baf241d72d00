package io.keelson.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.image.PodContents;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.source.ApiPods;
import io.keelson.agent.pods.source.ManifestFolder;
import io.keelson.agent.pods.source.MirrorPods;
import io.keelson.agent.pods.source.PodListener;
import io.keelson.agent.pods.work.PodWork;
import io.keelson.agent.pods.work.PreemptionMetrics;
import io.keelson.agent.pods.work.WorkMetrics;
import io.keelson.agent.probe.ProbeMetrics;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the pods of a node run: those of the API, and those of a folder. Pods go on running when it ends, and another
 * one goes on with them.
 *
 * <p>What nobody wants is ended only when both sources have told of all that they want. The API may be away when it
 * starts: static pods begin then all the same.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final AgentRooms rooms;
    private final PodWork work;
    private final ApiPods api;
    private final Optional<ManifestFolder> manifests;
    private final MirrorPods mirrors;
    private volatile boolean allKnown;

    /**
     * Begins with nothing before it is started.
     *
     * @param events tells users as the node's kubelet
     */
    public Agent(
            AgentSettings settings,
            AgentRooms rooms,
            KubernetesClient client,
            Events events,
            Time time,
            ProbeMetrics metrics,
            PreemptionMetrics preemptions,
            WorkMetrics figures) {
        this.rooms = rooms;
        mirrors = new MirrorPods(client, rooms.node(), time);
        this.work = new PodWork(settings, rooms, client, events, time, metrics, preemptions, figures, mirrors::gone);
        api = new ApiPods(client, settings.nodeName(), new FromApi());
        manifests = settings.manifests()
                .map(path -> new ManifestFolder(
                        path, settings.nodeName(), settings.manifestsEvery(), time, new FromFolder()));
    }

    /** What the API tells of: pods to run, and objects that show static ones. */
    private final class FromApi implements PodListener {
        @Override
        public void set(Pod pod) {
            if (PodTraits.isMirror(pod)) {
                mirrors.seen(pod);
                work.workers().mirrored(Key.of(pod), pod);
            } else {
                work.workers().set(pod);
            }
        }

        @Override
        public void remove(Pod pod) {
            if (PodTraits.isMirror(pod)) {
                mirrors.unseen(pod);
                work.workers().mirrored(Key.of(pod), null);
            } else {
                work.workers().remove(pod);
            }
        }
    }

    /** What the folder tells of. */
    private final class FromFolder implements PodListener {
        @Override
        public void set(Pod pod) {
            // In this order: an end of the same pod from before, told meanwhile, must not take its mirror away.
            work.workers().set(pod);
            mirrors.set(pod);
        }

        @Override
        public void remove(Pod pod) {
            work.workers().remove(pod);
        }
    }

    /**
     * Begins to work, as soon as it is known what the runtime has.
     *
     * @param limit how long that may take
     * @throws TimeoutException if the runtime does not say in time what it has
     */
    public void start(Duration limit) throws InterruptedException, TimeoutException {
        rooms.observed().awaitComplete(limit);
        work.start();
        CompletableFuture<Void> fromFolder =
                manifests.map(ManifestFolder::start).orElse(CompletableFuture.completedFuture(null));
        CompletableFuture<Void> fromApi = api.start();
        var _ = CompletableFuture.allOf(fromFolder, fromApi).whenComplete((nothing, problem) -> {
            if (problem != null) {
                LOG.warn("what is left of pods is not looked for: {}", problem.toString());
                return;
            }
            mirrors.start();
            allKnown = true;
            work.sourcesAreComplete();
        });
    }

    /** The pods, to those who show or judge them. */
    public AgentPods pods() {
        return work.workers();
    }

    /** Whether all sources have told of all pods that they want. */
    public boolean knowsAllPods() {
        return allKnown;
    }

    /** What is still needed of pods. */
    public PodContents contents() {
        return work.workers();
    }

    /** What a pod refers to has changed: its volumes show it soon. Nothing happens if there is none of this uid. */
    public void outdated(String podUid) {
        work.workers().outdated(podUid);
    }

    /** Something that a pod's status depends on has changed: it is told soon. Nothing happens if there is none of this uid. */
    public void changed(String podUid) {
        work.workers().changed(podUid);
    }

    /** Lets go of all pods, which go on running. */
    @Override
    public void close() {
        api.close();
        manifests.ifPresent(ManifestFolder::close);
        mirrors.close();
        work.close();
    }
}
