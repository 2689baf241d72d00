/** Tests of the process that controllers run in: its flags, its port, its election. */
@NullMarked
package io.keelson.controllers.manager;

import org.jspecify.annotations.NullMarked;
