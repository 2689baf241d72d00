package io.keelson.benchmarks.scheduler;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a case does, under its opcode of scheduler_perf. Done in order; each is over before the next begins.
 */
sealed interface Operation {
    /**
     * Makes nodes that are objects only.
     *
     * @param labelKey a label that they get, the values in turn; empty for none
     * @param uniqueLabelKey a label whose value no other node has; empty for none
     * @param allocatable resources that they have besides those of the template
     * @param drivers how many volumes of a CSI driver fit on each
     * @param migrated plugins in the tree whose volumes the drivers take over
     */
    record CreateNodes(
            Amount count,
            @Nullable Template node,
            String labelKey,
            List<String> labelValues,
            String uniqueLabelKey,
            Map<String, String> allocatable,
            Map<String, Long> drivers,
            List<String> migrated)
            implements Operation {}

    /** Makes the namespaces {@code prefix-0}, {@code prefix-1} and so on. */
    record CreateNamespaces(
            String prefix, Amount count, @Nullable Template namespace) implements Operation {}

    /**
     * Makes pods, and waits until they have nodes.
     *
     * @param namespace empty for one of their own, {@code namespace-N}, N being the operation's number in its case
     * @param pod null for the case's default
     * @param volume a volume for each pod, bound to a claim of its own; null for none
     * @param measured whether how fast this goes is what the case is about
     * @param waits whether the operation is over only when all have nodes
     */
    record CreatePods(
            Amount count,
            String namespace,
            @Nullable Template pod,
            Map<String, String> templateParams,
            @Nullable Template volume,
            @Nullable Template claim,
            boolean measured,
            boolean waits)
            implements Operation {}

    /** Makes pods in each of the namespaces {@code prefix-0}, {@code prefix-1} and so on. */
    record CreatePodSets(Amount count, String namespacePrefix, CreatePods pods) implements Operation {}

    /**
     * Makes objects again and again, to the end of the workload.
     *
     * @param recreates whether those of each turn are deleted in the next
     * @param number how many turns make objects; with {@code recreates} how many of each there are at a time; 0 for no end
     */
    record Churn(boolean recreates, int number, List<Template> templates, Duration interval) implements Operation {}

    /**
     * Waits for all pods that were made so far.
     *
     * @param attempted whether it is enough that the scheduler has said something of each
     */
    record Barrier(boolean attempted) implements Operation {}

    /** Waits. */
    record Sleep(Duration time) implements Operation {}

    /** Makes objects of any kind. */
    record CreateAny(Amount count, String namespace, Template object, Map<String, String> templateParams)
            implements Operation {}

    /** Changes objects of any kind: what the template says of the object of its name is put over it. */
    record UpdateAny(Amount count, String namespace, Template object, Map<String, String> templateParams)
            implements Operation {}

    /**
     * Deletes the pods of a namespace.
     *
     * @param labelSelector which of them; empty for all
     * @param perSecond how many a second; 0 for as fast as it goes
     */
    record DeletePods(String namespace, String labelSelector, int perSecond, boolean waits) implements Operation {}

    /**
     * Begins a measurement of how fast the pods of namespaces get nodes.
     *
     * @param namespaces empty for all
     */
    record StartCollecting(String name, List<String> namespaces) implements Operation {}

    /** Ends it. */
    record StopCollecting() implements Operation {}

    /**
     * Asks whether the scheduler has what the case is about, by a pod that must not get a node. Not in scheduler_perf,
     * which knows its scheduler.
     *
     * @param lacking what it lacks if the pod gets one all the same
     */
    record ExpectUnschedulable(Template pod, String namespace, String lacking) implements Operation {}
}
