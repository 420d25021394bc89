/** The answer of a person who checked in the external system: it arrived, under a reference, or it did not, for a reason. */
export type OperatorAnswer = Readonly<{ arrived: boolean; reference?: string; reason?: string }>;
