/**
 * What expressions that take part in admission may name, and how those of a policy are compiled: by those who check policies
 * when they are written, and by those who evaluate them. What the values of a request are is the business of the latter.
 */
@NullMarked
package io.keelson.apiserver.cel.admission;

import org.jspecify.annotations.NullMarked;
