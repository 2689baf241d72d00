package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import java.util.List;
import java.util.Map;

/** The pods that a Job makes. */
final class JobPodTemplate {
    private static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";
    /** The server puts five characters behind, and a name has at most 63. */
    private static final int NAME_CHARS_MAX = 58;

    private JobPodTemplate() {}

    /** A pod of a Job without indexes. */
    static Pod pod(Job job) {
        Pod pod = PodCreation.fromTemplate(job.getSpec().getTemplate(), job);
        if (JobPod.isTracked(pod)) {
            return pod;
        }
        return new PodBuilder(pod)
                .editMetadata()
                .addToFinalizers(JobPod.TRACKING)
                .endMetadata()
                .build();
    }

    /**
     * A pod for an index: it finds it in its label, its annotation, its hostname and its environment.
     *
     * @param annotations more of them
     */
    static Pod pod(Job job, int index, Map<String, String> annotations) {
        String number = Integer.toString(index);
        Pod pod = pod(job);
        return new PodBuilder(pod)
                .editMetadata()
                .withGenerateName(generateName(job.getMetadata().getName(), index))
                .addToLabels(JobPod.INDEX, number)
                .addToAnnotations(JobPod.INDEX, number)
                .addToAnnotations(annotations)
                .endMetadata()
                .editSpec()
                .withHostname(job.getMetadata().getName() + '-' + number)
                .withContainers(withVariable(OrEmpty.of(pod.getSpec().getContainers())))
                .withInitContainers(withVariable(OrEmpty.of(pod.getSpec().getInitContainers())))
                .endSpec()
                .build();
    }

    static String generateName(String job, int index) {
        String end = "-" + index + '-';
        return job.substring(0, Math.min(job.length(), NAME_CHARS_MAX - end.length())) + end;
    }

    private static List<Container> withVariable(List<Container> containers) {
        return containers.stream().map(JobPodTemplate::withVariable).toList();
    }

    private static Container withVariable(Container container) {
        boolean taken =
                OrEmpty.of(container.getEnv()).stream().anyMatch(variable -> INDEX_VARIABLE.equals(variable.getName()));
        if (taken) {
            return container;
        }
        return new ContainerBuilder(container)
                .addNewEnv()
                .withName(INDEX_VARIABLE)
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath("metadata.labels['" + JobPod.INDEX + "']")
                .endFieldRef()
                .endValueFrom()
                .endEnv()
                .build();
    }
}
