/** Tests of budgets of disruption. */
@NullMarked
package io.keelson.controllers.disruption;

import org.jspecify.annotations.NullMarked;
