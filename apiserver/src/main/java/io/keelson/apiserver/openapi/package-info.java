/**
 * What clients read to know which fields kinds have and what can be done where: OpenAPI v2, one document about everything,
 * and OpenAPI v3, a document for each group and version and an index of them with hashes, so that clients fetch what has
 * changed only. Both are to be had as JSON and as protobuf.
 *
 * <p>{@link io.keelson.apiserver.openapi.OpenApiHandler} answers; an {@code Edition} holds the documents about one state of
 * the registry. A document is put together from the paths of resources ({@code ResourcePaths}) and the schemas that they
 * lead to ({@code Schemas}, {@code Descriptions}), and written by {@code OpenApiDocument} (v3) or {@code SwaggerDocument}
 * (v2); {@code GnosticWriter} turns either into protobuf. Documents are made when they are first asked for.
 */
@NullMarked
package io.keelson.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
