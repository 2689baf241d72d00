package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.ExpectedPods;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import java.util.List;

/** Creates and deletes pods of daemon sets, no more than 250 of each at a time: what is left comes with the next round. */
final class DaemonPodWriter {
    private static final int BURST = 250;

    private final PodCreation creation;
    private final ExpectedPods expected;

    DaemonPodWriter(KubernetesClient client, Events events, ExpectedPods expected) {
        this.creation = new PodCreation(client, events);
        this.expected = expected;
    }

    /**
     * Creates a pod for each of some nodes, and deletes some.
     *
     * @throws RuntimeException the first failure of each, after as much as went well
     */
    void write(Look look, List<String> nodes, List<Pod> doomed) throws InterruptedException {
        DaemonSet set = look.set();
        Key key = Key.of(set);
        RuntimeException failure = null;
        try {
            expected.create(key, Math.min(BURST, nodes.size()), i -> create(look, nodes.get(i)));
        } catch (RuntimeException e) {
            failure = e;
        }
        try {
            expected.delete(key, doomed.subList(0, Math.min(BURST, doomed.size())), pod -> creation.delete(pod, set));
        } catch (RuntimeException e) {
            if (failure == null) {
                throw e;
            }
            failure.addSuppressed(e);
        }
        if (failure != null
                && !(failure instanceof KubernetesClientException refusal && PodCreation.namespaceEnds(refusal))) {
            throw failure;
        }
    }

    private void create(Look look, String node) {
        creation.create(DaemonPods.forNode(look.set(), look.hash(), node), look.set());
    }
}
