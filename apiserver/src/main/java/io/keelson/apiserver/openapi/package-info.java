/**
 * What clients read to know which fields kinds have and what can be done where: OpenAPI v3, one document for each group
 * and version, and an index of them with hashes, so that clients fetch what has changed only. Documents are made from the
 * registry when they are first asked for, and again after it has changed.
 */
@NullMarked
package io.keelson.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
