/**
 * What is done with resources: get, list, watch, create, update, patch, delete and deletecollection, the same for every
 * kind. A request comes in as it was authorized and leaves as a response; between the two lie the steps that each verb
 * consists of, readable as such in {@link io.keelson.apiserver.rest.Creation}, {@link io.keelson.apiserver.rest.Update}
 * and {@link io.keelson.apiserver.rest.Deletion}. Objects are worked on in their storage version; they are converted when
 * they come in and when they go out.
 */
@NullMarked
package io.keelson.apiserver.rest;

import org.jspecify.annotations.NullMarked;
