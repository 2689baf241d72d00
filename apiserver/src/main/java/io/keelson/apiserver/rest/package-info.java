/**
 * What is done with resources: get, list, watch, create, update, patch, delete and deletecollection, the same for every
 * kind. A request comes in as it was authorized, at a path that its method goes with ({@link
 * io.keelson.apiserver.rest.Verbs}), and leaves as a response; between the two lie the steps that each verb
 * consists of, readable as such in {@link io.keelson.apiserver.rest.Creation}, {@link io.keelson.apiserver.rest.Update}
 * and {@link io.keelson.apiserver.rest.Deletion}. Objects of built-in kinds are worked on in their storage version, and converted
 * when they come in and when they go out; those of custom kinds are worked on in the version that the client speaks, and
 * converted when they are written to the store and read from it.
 */
@NullMarked
package io.keelson.apiserver.rest;

import org.jspecify.annotations.NullMarked;
