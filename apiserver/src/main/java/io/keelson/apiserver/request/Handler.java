package io.keelson.apiserver.request;

/** Answers requests; on a virtual thread of the request's own, and may block. */
@FunctionalInterface
public interface Handler {
    /** @throws io.keelson.apiserver.errors.ApiException what is then answered as a {@code Status} */
    ApiResponse handle(ApiRequest request) throws InterruptedException;
}
