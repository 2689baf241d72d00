package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.SuccessPolicy;
import io.keelson.controllers.objects.OrEmpty;
import org.jspecify.annotations.Nullable;

/**
 * What a Job's specification asks for, with the defaults of fields that are not there.
 *
 * @param indexed whether each completion has a number of its own
 * @param parallelism at most so many pods at a time
 * @param completions so many pods must succeed; null if one that succeeds is enough
 * @param backoffLimit more failed pods than this fail the Job
 * @param backoffLimitPerIndex more failed pods of an index than this fail the index; null if indexes do not fail
 * @param maxFailedIndexes more failed indexes than this fail the Job; null for any number
 * @param suspended whether no pods are to run for now
 * @param replacesFailedOnly whether a pod that is being deleted is replaced only when it has ended
 * @param restartsContainers whether containers that fail are restarted in their pod
 * @param deadlineSeconds how long it may be active; null for ever
 * @param failurePolicy what failures mean; null if each counts
 * @param successPolicy which indexes are enough; null if it takes all
 */
record JobTerms(
        boolean indexed,
        int parallelism,
        @Nullable Integer completions,
        int backoffLimit,
        @Nullable Integer backoffLimitPerIndex,
        @Nullable Integer maxFailedIndexes,
        boolean suspended,
        boolean replacesFailedOnly,
        boolean restartsContainers,
        @Nullable Long deadlineSeconds,
        @Nullable PodFailurePolicy failurePolicy,
        @Nullable SuccessPolicy successPolicy) {
    private static final int BACKOFF_LIMIT = 6;

    static JobTerms of(Job job) {
        JobSpec spec = job.getSpec();
        boolean indexed = "Indexed".equals(spec.getCompletionMode());
        Integer completions = spec.getCompletions();
        Integer parallelism = spec.getParallelism();
        Integer perIndex = indexed ? spec.getBackoffLimitPerIndex() : null;
        if (completions == null && (parallelism == null || indexed)) {
            // Without a number there are no indexes; the API lets no such Job in.
            completions = indexed ? 0 : 1;
        }
        Integer backoffLimit = spec.getBackoffLimit();
        if (backoffLimit == null) {
            backoffLimit = perIndex == null ? BACKOFF_LIMIT : Integer.MAX_VALUE;
        }
        return new JobTerms(
                indexed,
                parallelism == null ? 1 : Math.max(0, parallelism),
                completions,
                backoffLimit,
                perIndex,
                spec.getMaxFailedIndexes(),
                OrEmpty.of(spec.getSuspend()),
                "Failed".equals(spec.getPodReplacementPolicy()) || spec.getPodFailurePolicy() != null,
                restartsContainers(spec.getTemplate()),
                spec.getActiveDeadlineSeconds(),
                spec.getPodFailurePolicy(),
                indexed ? spec.getSuccessPolicy() : null);
    }

    private static boolean restartsContainers(@Nullable PodTemplateSpec template) {
        return template != null
                && template.getSpec() != null
                && "OnFailure".equals(template.getSpec().getRestartPolicy());
    }

    /** Whether a number is one of the Job's indexes. */
    boolean hasIndex(int index) {
        return index >= 0 && completions != null && index < completions;
    }
}
