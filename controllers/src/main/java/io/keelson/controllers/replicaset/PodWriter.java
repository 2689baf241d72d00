package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.SlowStart;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Creates and deletes pods, in rounds that grow as long as the API goes along. Expects each before it asks for it. */
final class PodWriter {
    private final KubernetesClient client;
    private final Events events;
    private final Cache<Pod> pods;
    private final Expectations expectations;
    private final PodCreation creation;

    PodWriter(KubernetesClient client, Events events, Cache<Pod> pods, Expectations expectations) {
        this.client = client;
        this.events = events;
        this.pods = pods;
        this.expectations = expectations;
        creation = new PodCreation(client, events);
    }

    /**
     * Does what is to be done.
     *
     * @param expecting under what the owner's expectations are kept
     * @return why not all of it could be done; null if it could
     */
    @Nullable
    RuntimeException write(HasMetadata owner, @Nullable PodTemplateSpec template, Key expecting, PodChanges changes)
            throws InterruptedException {
        if (changes.create() > 0 && template != null) {
            return create(owner, template, expecting, changes.create());
        }
        return changes.delete().isEmpty() ? null : delete(owner, expecting, changes.delete());
    }

    private @Nullable RuntimeException create(HasMetadata owner, PodTemplateSpec template, Key expecting, int count)
            throws InterruptedException {
        expectations.create(expecting, count);
        SlowStart.Result result = SlowStart.run(count, number -> {
            try {
                creation.create(PodCreation.fromTemplate(template, owner), owner);
            } catch (KubernetesClientException e) {
                expectations.notCreated(expecting);
                if (!PodCreation.namespaceEnds(e)) {
                    throw e;
                }
                // Whatever is asked for is refused from now on: no failure, and no use in asking again.
            } catch (RuntimeException e) {
                expectations.notCreated(expecting);
                throw e;
            }
        });
        for (int i = tried(result); i < count; i++) {
            expectations.notCreated(expecting);
        }
        return failure(result);
    }

    private @Nullable RuntimeException delete(HasMetadata owner, Key expecting, List<Pod> doomed)
            throws InterruptedException {
        expectations.delete(
                expecting,
                doomed.stream().map(pod -> pod.getMetadata().getUid()).toList());
        SlowStart.Result result = SlowStart.run(doomed.size(), number -> delete(owner, expecting, doomed.get(number)));
        for (Pod spared : doomed.subList(tried(result), doomed.size())) {
            expectations.deleted(expecting, spared.getMetadata().getUid());
        }
        return failure(result);
    }

    private void delete(HasMetadata owner, Key expecting, Pod pod) {
        String uid = pod.getMetadata().getUid();
        try {
            if (Deletion.of(client, pod)) {
                events.normal(
                        owner,
                        "SuccessfulDelete",
                        "Deleted pod: " + pod.getMetadata().getName());
                return;
            }
        } catch (RuntimeException e) {
            expectations.deleted(expecting, uid);
            events.warning(owner, "FailedDelete", "Error deleting: " + Refusals.message(e));
            throw e;
        }
        Pod cached = pods.get(Key.of(pod));
        if (cached == null || !uid.equals(cached.getMetadata().getUid())) {
            // It was gone before, and so may have been the news of it.
            expectations.deleted(expecting, uid);
        }
    }

    private static int tried(SlowStart.Result result) {
        return result.done() + result.failures().size();
    }

    private static @Nullable RuntimeException failure(SlowStart.Result result) {
        return result.failures().isEmpty() ? null : result.failures().getFirst();
    }
}
