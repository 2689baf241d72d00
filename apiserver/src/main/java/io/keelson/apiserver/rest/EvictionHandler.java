package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import org.jspecify.annotations.Nullable;

/**
 * Takes a pod off its node, if its disruption budget allows that: {@code pods/eviction}. A pod that has ended, has not
 * begun, or is being deleted anyway disrupts nothing; nor does one that is not ready, as long as there are enough others.
 * That such a pod stays what it was found to be until it is deleted is ensured by its resource version.
 */
final class EvictionHandler implements ResourceHandler.SubresourceHandler {
    private static final PostedKind EVICTION =
            PostedKind.of("policy", "v1", "Eviction").alsoAs("policy/v1beta1");

    /** How often a pod is looked at again that changes all the time. */
    private static final int ATTEMPTS_MAX = 20;

    private final Backend backend;
    private final Update update;
    private final Deletion deletion;
    private final Postings postings;
    private final DisruptionBudgets budgets;
    private final Answers answers;

    EvictionHandler(Backend backend, Postings postings, DisruptionBudgets budgets, Answers answers) {
        this.backend = backend;
        this.update = new Update(backend.withoutAdmission(), ContentCheck.NONE);
        this.deletion = new Deletion(backend.withoutAdmission());
        this.postings = postings;
        this.budgets = budgets;
        this.answers = answers;
    }

    @Override
    public ApiResponse handle(ApiRequest request, Resource pods, ServedVersion version) throws InterruptedException {
        Verbs.require(request, pods, "create");
        String inPath = request.info().name();
        Postings.Posted posted = postings.take(request, pods, version, EVICTION, eviction -> {
            if (!inPath.equals(ObjectMeta.name(eviction))) {
                throw ApiException.badRequest("name in URL does not match name in Eviction object");
            }
        });
        DeleteOptions options = options(posted);
        evict(posted.write().dry(options.dryRun()), options);
        return answers.plain(request, 201, Postings.success(201));
    }

    private static DeleteOptions options(Postings.Posted posted) {
        DeleteOptions asked = posted.object().get("deleteOptions") instanceof ObjectNode there
                ? DeleteOptions.parse(there)
                : DeleteOptions.parse(Query.NONE);
        return new DeleteOptions(
                asked.dryRun() || posted.write().dryRun(),
                asked.gracePeriodSeconds(),
                asked.propagation(),
                asked.orphanDependents(),
                asked.preconditionUid(),
                asked.preconditionResourceVersion());
    }

    private void evict(Write write, DeleteOptions options) throws InterruptedException {
        ObjectNode pod = afterHarmlessDeletion(write, options);
        if (pod == null) {
            return;
        }
        DisruptionBudgets.Permission permission = budgets.ask(write, pod);
        DeleteOptions certain = permission.onlyAsItIs() ? pinned(options, pod) : options;
        try {
            delete(write, certain);
        } catch (ApiException e) {
            if (isConflict(e) && permission.onlyAsItIs() && options.preconditionResourceVersion() == null) {
                throw DisruptionBudgets.stillProcessed(permission.budget());
            }
            throw e;
        }
    }

    /** Deletes a pod for which no budget has to be asked; otherwise returns it as it is. */
    private @Nullable ObjectNode afterHarmlessDeletion(Write write, DeleteOptions options) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Backend.Stored stored = backend.read(write.resource(), write.namespace(), write.name());
            if (stored == null) {
                throw ApiException.notFound(write.resource().name(), write.name());
            }
            ObjectNode pod = stored.object();
            String phase = pod.path("status").path("phase").asText("");
            boolean ended = phase.equals("Succeeded") || phase.equals("Failed") || ObjectMeta.isBeingDeleted(pod);
            if (!ended && !phase.equals("Pending")) {
                return pod;
            }
            boolean meant = options.preconditionResourceVersion() != null;
            try {
                delete(write, ended || meant ? options : pinned(options, pod));
                return null;
            } catch (ApiException e) {
                if (!isConflict(e) || meant || attempt == ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }

    private static boolean isConflict(ApiException e) {
        return e.reason() == Reason.CONFLICT;
    }

    /** The same, of nothing but the pod as it is. */
    private static DeleteOptions pinned(DeleteOptions options, ObjectNode pod) {
        return at(options, ObjectMeta.resourceVersion(pod));
    }

    private static DeleteOptions at(DeleteOptions options, String resourceVersion) {
        return new DeleteOptions(
                options.dryRun(),
                options.gracePeriodSeconds(),
                options.propagation(),
                options.orphanDependents(),
                options.preconditionUid(),
                resourceVersion);
    }

    private void delete(Write write, DeleteOptions options) throws InterruptedException {
        DeleteOptions certain = options;
        if (!options.dryRun()) {
            Update.Updated marked =
                    update.update(write, Part.UNRULED, Preconditions.NONE, old -> marked(write, options, old));
            if (marked == null) {
                throw ApiException.notFound(write.resource().name(), write.name());
            }
            if (options.preconditionResourceVersion() != null) {
                certain = at(options, ObjectMeta.resourceVersion(marked.object()));
            }
        }
        var _ = deletion.delete(write, certain);
    }

    /** Tells in the pod why it ends, for those who count how often pods fail. */
    private static ObjectNode marked(Write write, DeleteOptions options, ObjectNode old) {
        Preconditions meant =
                new Preconditions(orNull(options.preconditionUid()), orNull(options.preconditionResourceVersion()));
        meant.checkDeletion(write.resource(), old);
        ObjectNode pod = old.deepCopy();
        PodConditions.put(pod, "DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting", write.now());
        ObjectMeta.setResourceVersion(pod, "");
        return pod;
    }

    private static @Nullable String orNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
