/** Tests of the package of the same name. */
@NullMarked
package io.keelson.metrics;

import org.jspecify.annotations.NullMarked;
