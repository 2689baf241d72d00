package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;

/** Answers what is posted to a kind of which nothing is kept: a question about an access or a token, for example. */
@FunctionalInterface
public interface Review {
    /**
     * Answers one.
     *
     * @param request who asks, and where
     * @param posted in form, with its defaults; admitted
     * @return what to send back, with status 201
     * @throws ApiException if there is no answer
     */
    ObjectNode answer(ApiRequest request, ObjectNode posted) throws InterruptedException;
}
