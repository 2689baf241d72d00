package io.keelson.apiserver.rest;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import org.jspecify.annotations.Nullable;

/**
 * Has something that is posted answered, by whoever knows the answer.
 *
 * @param kind what is posted; null for the kind of the resource itself
 */
record ReviewHandler(
        Postings postings, Answers answers, @Nullable PostedKind kind, Review review)
        implements ResourceHandler.SubresourceHandler {
    @Override
    public ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        Verbs.require(request, resource, "create");
        PostedKind own = kind == null ? PostedKind.of(resource, version) : kind;
        Postings.Posted posted = postings.take(request, resource, version, own, _ -> {});
        return answers.plain(request, 201, review.answer(request, posted.object()));
    }
}
