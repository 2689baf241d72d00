/** Tests of certificates on request. */
@NullMarked
package io.keelson.controllers.certificates;

import org.jspecify.annotations.NullMarked;
