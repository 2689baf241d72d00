package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;

/** The variables of a container, and what is put in for {@code $(NAME)} in its command. */
public interface ContainerEnvironment {
    /**
     * All variables in the order in which they are defined, references and expansions resolved: of services, {@code envFrom},
     * {@code env}.
     *
     * @param podIps the pod's addresses, its first one first; empty before its sandbox is there
     * @throws PodProblem {@code CreateContainerConfigError} if what a variable refers to is missing
     */
    Map<String, String> variables(Pod pod, Container container, List<String> podIps) throws PodProblem;

    /** A word of a command with {@code $(NAME)} put in, and {@code $$} taken for {@code $}. */
    String expanded(String word, Map<String, String> variables);
}
