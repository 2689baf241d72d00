/**
 * What is served: a {@link io.keelson.apiserver.resource.Resource} for every kind, which says under which groups,
 * versions and names it is found, what its schema is, which subresources it has, and, in its {@link
 * io.keelson.apiserver.resource.Strategy}, what is special about it. The {@link
 * io.keelson.apiserver.resource.ResourceRegistry} knows them all and changes while custom kinds come and go.
 */
@NullMarked
package io.keelson.apiserver.resource;

import org.jspecify.annotations.NullMarked;
