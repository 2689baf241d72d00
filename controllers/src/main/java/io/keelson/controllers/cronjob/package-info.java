/**
 * CronJobs: Jobs that are made when it is time. In come CronJobs and the Jobs they control; out go Jobs, named by the
 * minute they are for, so that none is made twice, and the status of CronJobs. {@link
 * io.keelson.controllers.cronjob.CronJobController} does all that speaks to the API. When it is time is computed
 * beside it: {@link io.keelson.controllers.cronjob.CronText} reads a schedule, a {@link
 * io.keelson.controllers.cronjob.CronSchedule} tells its times, and a {@link io.keelson.controllers.cronjob.DueRun} is
 * the one that is to be started now.
 */
@NullMarked
package io.keelson.controllers.cronjob;

import org.jspecify.annotations.NullMarked;
