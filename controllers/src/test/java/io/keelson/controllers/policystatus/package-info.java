/** Tests of the status of policies. */
@NullMarked
package io.keelson.controllers.policystatus;

import org.jspecify.annotations.NullMarked;
