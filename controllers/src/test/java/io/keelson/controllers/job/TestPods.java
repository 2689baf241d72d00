package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;

/** Jobs and pods as tests need them. */
final class TestPods {
    static final Instant NOW = Instant.parse("2030-05-01T10:00:00Z");

    private TestPods() {}

    static Job job(int parallelism, int completions) {
        return new JobBuilder()
                .withNewMetadata()
                .withName("work")
                .withNamespace("here")
                .withUid("job-uid")
                .endMetadata()
                .withNewSpec()
                .withParallelism(parallelism)
                .withCompletions(completions)
                .withBackoffLimit(6)
                .withNewTemplate()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("main")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    static Job indexed(Job job) {
        return new JobBuilder(job)
                .editSpec()
                .withCompletionMode("Indexed")
                .endSpec()
                .build();
    }

    static Pod pod(String name, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("here")
                .withUid(name)
                .withFinalizers(JobPod.TRACKING)
                .withCreationTimestamp(NOW.minusSeconds(60).toString())
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    static Pod pod(String name, String phase, int index) {
        return annotated(pod(name, phase), JobPod.INDEX, Integer.toString(index));
    }

    static Pod annotated(Pod pod, String annotation, String value) {
        return new PodBuilder(pod)
                .editMetadata()
                .addToAnnotations(annotation, value)
                .endMetadata()
                .build();
    }

    static Pod terminating(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp(NOW.toString())
                .endMetadata()
                .build();
    }

    /** A pod whose container ended with a code at a time. */
    static Pod exited(Pod pod, int code, Instant at) {
        return new PodBuilder(pod)
                .editStatus()
                .addNewContainerStatus()
                .withName("main")
                .withNewState()
                .withNewTerminated()
                .withExitCode(code)
                .withFinishedAt(at.toString())
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
    }
}
