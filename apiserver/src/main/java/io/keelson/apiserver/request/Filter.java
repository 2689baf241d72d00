package io.keelson.apiserver.request;

/** A station on the road of a request: answers it, or lets it pass on, and may look at the answer on its way back. */
@FunctionalInterface
public interface Filter {
    ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException;

    /** This station before that handler. */
    default Handler before(Handler next) {
        return request -> filter(request, next);
    }
}
