import { Inject } from '@nestjs/common';
import { Reads } from '@redress/domain';

/** The options of the module, which a factory may make. */
export const redressOptions = Symbol('redress options');
/** All desks, before each is provided under its own class. */
export const wholeDesk = Symbol('redress desk');
/** The store of the desk. */
export const deskStore = Symbol('redress store');

/** Injects the lists of exceptions, disputes, comments, dispatches, adjustments and histories: `Reads` of the domain. */
export const InjectReads = (): ParameterDecorator & PropertyDecorator => Inject(Reads);

/** Injects the `DeskStore`, for what no desk does: units of work of one's own, or all lists at once. */
export const InjectDeskStore = (): ParameterDecorator & PropertyDecorator => Inject(deskStore);
