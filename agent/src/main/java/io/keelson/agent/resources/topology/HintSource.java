package io.keelson.agent.resources.topology;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodProblem;
import java.util.List;
import java.util.Map;

/** Somebody who gives containers something that is in NUMA nodes: processors, memory, devices. Any thread. */
public interface HintSource {
    /**
     * From where it could serve a container now. Of one that has what it needs already: from where that is.
     *
     * @return by the names of resources. What it does not give, or does not care for, is missing; what it cannot give
     *     has an empty list
     * @throws PodProblem if nobody could serve it
     */
    Map<String, List<Hint>> hints(Pod pod, Container container) throws PodProblem;

    /** From where it could serve all containers of a pod now, likewise. */
    Map<String, List<Hint>> hints(Pod pod) throws PodProblem;

    /**
     * Gives a container what it needs, from these nodes as far as they go; right when repeated. Containers of a pod come
     * in the order in which they start. Nobody is asked.
     *
     * @throws PodProblem if that cannot be given
     */
    void allocate(Pod pod, Container container, Hint where) throws PodProblem;

    /**
     * Asks those who have to be asked for what a pod was given, and may be slow or never answer. It may take long, but
     * not for ever; right when repeated.
     *
     * @throws PodProblem if it cannot be given after all
     */
    default void complete(Pod pod) throws PodProblem, InterruptedException {}

    /** Takes back what a pod has; right when repeated. */
    void release(String podUid) throws PodProblem;
}
